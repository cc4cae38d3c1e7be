// Logical names that stacks and runtime code share: nothing else connects them.

export const names = { table: "Jobs" } as const;
