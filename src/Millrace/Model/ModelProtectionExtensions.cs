namespace Millrace;

/// <summary>Declares members of events that need no protection.</summary>
public static class ModelProtectionExtensions
{
    /// <summary>
    /// Declares that members of an event type without a CLR type are stored plain on purpose, so that
    /// <see cref="UnmarkedMembers"/> does not report them.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="eventType">The stored name of the type.</param>
    /// <param name="paths">The paths, such as <c>/items/*/key</c>; none for all members of the type.</param>
    public static ModelBuilder DeclarePlain(
        this ModelBuilder model, string eventType, params IReadOnlyList<string> paths)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentException.ThrowIfNullOrEmpty(eventType);
        ArgumentNullException.ThrowIfNull(paths);
        model.PlainMembers.Add((eventType, paths));
        return model;
    }
}
