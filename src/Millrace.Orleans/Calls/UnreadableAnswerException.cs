namespace Millrace.Orleans.Calls;

/// <summary>
/// Thrown when this node cannot read the answer of another node. The command may be committed there, so it is repeated
/// only with an idempotency key.
/// </summary>
internal sealed class UnreadableAnswerException(string message, Exception? cause) : Exception(message, cause);
