/*
 * One bucket; everything of a job lies under its internal id, so that it goes with the job:
 *
 *   jobs/<uid>/artifacts/<attempt number>/<path>     files that an attempt left
 *   jobs/<uid>/results/<attempt id>.json             a result too large for the state machine
 *   jobs/<uid>/checkpoint.json                       the latest that an attempt saved
 *   jobs/<uid>/logs/<attempt id>/<line>              log chunks too large for the table
 *
 * Large texts of the store lie there too (dynamodb/texts.ts), and in folders of their own those of groups, workflows and answers.
 */
export const jobPrefix = (uid: string): string => `jobs/${uid}/`;
export const artifactsPrefix = (uid: string): string => `${jobPrefix(uid)}artifacts/`;
export const artifactKey = (uid: string, attempt: number, path: string): string => `${artifactsPrefix(uid)}${attempt}/${path}`;
export const uploadedResultKey = (uid: string, attemptId: string): string => `${jobPrefix(uid)}results/${attemptId}.json`;
export const checkpointKey = (uid: string): string => `${jobPrefix(uid)}checkpoint.json`;
export const logKey = (uid: string, attemptId: string, line: string): string => `${jobPrefix(uid)}logs/${attemptId}/${line}`;
