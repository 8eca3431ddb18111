namespace Millrace;

/// <summary>Code that a handler began and nobody awaited went on after its command was done: what it does then would be
/// lost.</summary>
/// <remarks>It is logged as an error as well, because nobody may be there to catch it.</remarks>
/// <param name="what">What it did, to begin a sentence: <c>Order raised OrderPlaced</c>.</param>
public sealed class CommandFinishedException(string what)
    : InvalidOperationException(
        $"{what} after its command was done, and that would be lost: await all that a handler begins.")
{
    /// <summary>What it did.</summary>
    public string What { get; } = what;
}
