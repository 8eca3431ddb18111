namespace Millrace;

/// <summary>
/// Thrown when code makes a change after its command has finished, because the handler did not await the code. The
/// change would be lost.
/// </summary>
/// <remarks>Millrace also logs the error, because often no code awaits the call and catches the exception.</remarks>
/// <param name="call">The refused call, as the start of a sentence, such as <c>Order raised OrderPlaced</c>.</param>
public sealed class CommandFinishedException(string call)
    : InvalidOperationException(
        $"{call} after its command had finished, so the change would be lost. Await everything that a handler starts.")
{
    /// <summary>Gets the refused call, as the start of a sentence.</summary>
    public string Call { get; } = call;
}
