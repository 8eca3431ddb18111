namespace Millrace;

/// <summary>An event that the code of a projection could not fold.</summary>
/// <param name="Position">Its position.</param>
/// <param name="Type">The stored name of its type.</param>
/// <param name="Message">What the code threw.</param>
public sealed record FoldFailure(long Position, string Type, string Message);
