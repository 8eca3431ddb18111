namespace Millrace;

/// <summary>
/// An event that the code of a projection could not fold, or after which the document could not be written.
/// </summary>
/// <param name="Position">The position of the event; for a document, the position of its last event.</param>
/// <param name="Type">The stored name of the event type.</param>
/// <param name="Message">The message of the exception; for a document, with its key.</param>
public sealed record FoldFailure(long Position, string Type, string Message);
