using Millrace.Serialization;
using Millrace.Storage;

namespace Millrace.Materializing;

/// <summary>What the model of the application states about the views of SQL: their members, and which are
/// marked.</summary>
internal sealed class SqlViewModel(ModelCatalog catalog)
{
    private const int MaxWrappers = 8;

    private static readonly Dictionary<Type, string> SqlTypes = new()
    {
        [typeof(bool)] = "BOOLEAN",
        [typeof(sbyte)] = "BIGINT",
        [typeof(byte)] = "BIGINT",
        [typeof(short)] = "BIGINT",
        [typeof(ushort)] = "BIGINT",
        [typeof(int)] = "BIGINT",
        [typeof(uint)] = "BIGINT",
        [typeof(long)] = "BIGINT",
        [typeof(ulong)] = "HUGEINT",
        [typeof(decimal)] = "DECIMAL(38,6)",
        [typeof(double)] = "DOUBLE",
        [typeof(float)] = "DOUBLE",
        [typeof(DateOnly)] = "DATE",
        [typeof(DateTimeOffset)] = "TIMESTAMPTZ",
        [typeof(DateTime)] = "TIMESTAMPTZ",
        [typeof(string)] = "VARCHAR",
        [typeof(char)] = "VARCHAR",
        [typeof(Guid)] = "VARCHAR",
        [typeof(TimeOnly)] = "VARCHAR",
        [typeof(TimeSpan)] = "VARCHAR",
    };

    /// <summary>Gets the event types and read models of the application.</summary>
    public IReadOnlyList<SqlDeclaredView> Declared { get; } = Declare(catalog);

    /// <summary>Returns whether a projection of the application writes a read model.</summary>
    public bool HasReadModel(string name) =>
        catalog.Projections.Any(projection =>
            projection.Name == name && projection.Lifecycle != ProjectionLifecycle.Live);

    /// <summary>
    /// Throws if a statement names a member with personal data or a secret, or has a column with its name. SQL reads
    /// the value after erasure of such a member, so a view of it is useless.
    /// </summary>
    /// <exception cref="ViewDeclarationException">The statement names such a member.</exception>
    public void RefuseMarked(string view, SqlStatementParts parts, IReadOnlyList<SqlColumn> columns)
    {
        foreach (var read in parts.Views)
        {
            var marked = MarkedMembersOf(read);
            var found =
                parts.Members.FirstOrDefault(member => IsOf(member, read, parts.Views) && marked.Contains(member.Name))
                    ?.Name
                ?? columns.FirstOrDefault(column => marked.Contains(column.Name))?.Name;
            if (found is not null)
                throw new ViewDeclarationException(
                    view,
                    $"its statement reads '{found}' of '{read.Name}', which is marked as personal data or as a secret. "
                        + "SQL reads the value after erasure of such members, so a view cannot contain them. Name the "
                        + "other members instead.");
        }
    }

    /// <summary>Returns whether a member can belong to a view: it is qualified with it, or with none.</summary>
    private static bool IsOf(SqlMember member, SqlView view, IReadOnlyList<SqlView> views) =>
        member.View is not { } qualifier
        || string.Equals(qualifier, view.Name, StringComparison.OrdinalIgnoreCase)
        || !views.Any(other => string.Equals(qualifier, other.Name, StringComparison.OrdinalIgnoreCase));

    private HashSet<string> MarkedMembersOf(SqlView view)
    {
        var members = view.Kind switch
        {
            SqlViewKind.Events => catalog.Protection.Events.Values.SelectMany(static all => all),
            SqlViewKind.EventType => catalog.Protection.Events.GetValueOrDefault(view.Source, []),
            _ => catalog.Protection.ReadModels
                .Where(model => CollectionName.NameOf(model.Key) == CollectionName.NameOf(view.Source))
                .SelectMany(static model => model.Value),
        };
        return members
            .Select(static member => member.Path.Split('/').Last(static part => part != "*"))
            .SelectMany(static name => (string[])[name, "data_" + name])
            .ToHashSet(StringComparer.OrdinalIgnoreCase);
    }

    private static List<SqlDeclaredView> Declare(ModelCatalog catalog)
    {
        var declared = new List<SqlDeclaredView>();
        foreach (var types in catalog.EventTypes.Types.GroupBy(static type => type.Name, StringComparer.Ordinal))
        {
            var newest = types.MaxBy(static type => type.SchemaVersion)!; // A group is not empty.
            declared.Add(new(SqlViewKind.EventType, newest.Name, MembersOf(catalog, newest.ClrType)));
        }
        var stored = catalog.Projections.Where(static one => one.Lifecycle != ProjectionLifecycle.Live);
        foreach (var versions in stored.GroupBy(static one => one.Name, StringComparer.Ordinal))
        {
            var newest = versions.MaxBy(static one => one.Version)!; // A group is not empty.
            declared.Add(new(SqlViewKind.ReadModel, newest.Name, MembersOf(catalog, newest.DocumentType)));
        }
        return declared;
    }

    private static SqlColumn[] MembersOf(ModelCatalog catalog, Type type) =>
    [
        .. (catalog.Describe(type)?.Members ?? [])
            .Select(member => new SqlColumn(member.Name, SqlTypeOf(catalog, member.Type))),
    ];

    private static string SqlTypeOf(ModelCatalog catalog, Type type)
    {
        for (var wrappers = 0; wrappers < MaxWrappers; wrappers++)
        {
            type = Nullable.GetUnderlyingType(type) ?? type;
            if (SqlTypes.TryGetValue(type, out var known))
                return known;
            switch (catalog.Describe(type))
            {
                case { Form: TypeForm.Enumeration }:
                    return "VARCHAR";
                case { Form: TypeForm.Value, Inner: { } inner }:
                    type = inner;
                    break;
                default:
                    return "JSON";
            }
        }
        return "JSON";
    }
}
