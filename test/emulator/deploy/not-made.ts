// What stays a thought in the emulator, and why. A type that is neither made nor named here ends a deployment.
export const notMade: Readonly<Record<string, string>> = {
  "aws:sns/topic:Topic": "only alarms send to it, and the emulator evaluates none",
  "aws:sns/topicPolicy:TopicPolicy": "of a topic that is not made",
  "aws:sns/topicSubscription:TopicSubscription": "of a topic that is not made",
  "aws:apigatewayv2/domainName:DomainName": "the emulator has no names but its own address",
  "aws:apigatewayv2/apiMapping:ApiMapping": "of a domain that is not made",
  "aws:acm/certificate:Certificate": "of a domain that is not made",
  "aws:acm/certificateValidation:CertificateValidation": "of a domain that is not made",
  "aws:route53/record:Record": "of a domain that is not made",
};
