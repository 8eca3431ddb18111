namespace Millrace;

/// <summary>Thrown when the application has declared no recovery action with a name.</summary>
public sealed class RecoveryActionNotFoundException(string action, IReadOnlyList<string> known)
    : MillraceException(known.Count == 0
        ? $"There is no recovery action '{action}': no application with UseRecovery has started on this store."
        : $"There is no recovery action '{action}'. There are: {string.Join(", ", known)}.")
{
    /// <summary>Gets the name.</summary>
    public string Action { get; } = action;

    /// <summary>Gets the names of the actions.</summary>
    public IReadOnlyList<string> Known { get; } = known;
}
