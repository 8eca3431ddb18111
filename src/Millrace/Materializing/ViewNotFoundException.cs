namespace Millrace;

/// <summary>Thrown when a store or an application has no materialized view with a name.</summary>
/// <param name="view">The name.</param>
/// <param name="known">The names of the known views.</param>
public sealed class ViewNotFoundException(string view, IReadOnlyList<string> known)
    : MillraceException(
        $"There is no materialized view '{view}' (known: {(known.Count == 0 ? "none" : string.Join(", ", known))}). "
        + "Add it with AddView, or list the views with 'millrace views'.")
{
    /// <summary>Gets the requested name.</summary>
    public string View { get; } = view;
}
