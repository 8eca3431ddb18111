namespace Millrace;

/// <summary>
/// Thrown when code that a handler started but did not await continues after the command has finished. Its changes
/// would be lost.
/// </summary>
/// <remarks>The error is logged as well, because often no code is left to catch it.</remarks>
/// <param name="what">The late call, as the start of a sentence: <c>Order raised OrderPlaced</c>.</param>
public sealed class CommandFinishedException(string what)
    : InvalidOperationException(
        $"{what} after its command had finished, so the change would be lost. Await everything that a handler starts.")
{
    /// <summary>Gets the late call.</summary>
    public string What { get; } = what;
}
