namespace Millrace;

/// <summary>
/// A view of an event type or read model that an application declares. Its members are columns even if no stored value
/// has them yet.
/// </summary>
/// <param name="Kind">The kind: <see cref="SqlViewKind.EventType"/> or <see cref="SqlViewKind.ReadModel"/>.</param>
/// <param name="Source">The stored name of the event type, or the name of the read model without a version.</param>
/// <param name="Members">The members, with the types that their columns have without values.</param>
public sealed record SqlDeclaredView(SqlViewKind Kind, string Source, IReadOnlyList<SqlColumn> Members);
