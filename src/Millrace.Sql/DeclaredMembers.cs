namespace Millrace.Sql;

/// <summary>The members that an application declares, by view.</summary>
internal sealed class DeclaredMembers(IReadOnlyList<SqlDeclaredView> declared)
{
    private const char VersionSign = '@';

    /// <summary>Returns the members of a view; none if the application does not declare it.</summary>
    public IReadOnlyList<SqlColumn> Of(SqlView view)
    {
        var source = view.Kind == SqlViewKind.ReadModel && HasCollection(view)
            ? view.Source[..view.Source.IndexOf(VersionSign, StringComparison.Ordinal)]
            : view.Source;
        return declared.FirstOrDefault(one => one.Kind == view.Kind && one.Source == source)?.Members ?? [];
    }

    /// <summary>Returns whether a read model has a collection, whose name has a version. A read model that is only
    /// declared has none yet.</summary>
    public static bool HasCollection(SqlView view) => view.Source.Contains(VersionSign, StringComparison.Ordinal);
}
