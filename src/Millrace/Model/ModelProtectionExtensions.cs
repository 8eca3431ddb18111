namespace Millrace;

/// <summary>Declares members of events that need no protection, and whose data plain members are.</summary>
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

    /// <summary>
    /// Declares that every stream of a category has the data of one data subject of each type: the one that its first
    /// event names. Erasures then attribute values whose events name no subject to it. Without this declaration, such
    /// a value makes every certificate <c>some-values</c>.
    /// </summary>
    /// <param name="model">The model.</param>
    /// <param name="category">The category of the streams, such as <c>order</c>.</param>
    public static ModelBuilder AttributeByStream(this ModelBuilder model, string category)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentException.ThrowIfNullOrEmpty(category);
        model.CategoriesOfOneSubject.Add(category);
        return model;
    }
}
