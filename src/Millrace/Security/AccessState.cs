namespace Millrace.Security;

/// <summary>The rules after an event about access.</summary>
/// <param name="Rules">The rules.</param>
/// <param name="Version">The version of the event in its stream; 0 before the first.</param>
/// <param name="Position">The position of the event in the log; 0 before the first.</param>
/// <param name="Epoch">The epoch of the log in which the events were read.</param>
internal sealed record AccessState(AccessRules Rules, long Version, long Position, long Epoch)
{
    /// <summary>Gets the last declared roles in the log; null if no application has declared roles.</summary>
    public AccessDeclarationRecord? Declared { get; init; }
}
