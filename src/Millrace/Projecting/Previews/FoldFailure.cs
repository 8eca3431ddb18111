namespace Millrace;

/// <summary>An event that a projection could not fold, or a document that could not be written.</summary>
/// <param name="Position">The position of the event, or of the last event of the document.</param>
/// <param name="Type">The stored name of the event type.</param>
/// <param name="Message">The message of the exception. The message for a document contains the key.</param>
public sealed record FoldFailure(long Position, string Type, string Message);
