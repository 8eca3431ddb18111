namespace Millrace;

/// <summary>Thrown when a materialized view is declared in a way that cannot work.</summary>
/// <param name="view">The name of the view.</param>
/// <param name="problem">What is wrong and what to change, without a capital at the start.</param>
/// <param name="innerException">The cause; null for none.</param>
public sealed class ViewDeclarationException(string view, string problem, Exception? innerException = null)
    : MillraceException($"The materialized view '{view}' cannot be used: {problem}", innerException)
{
    /// <summary>Gets the name of the view.</summary>
    public string View { get; } = view;
}
