using System.Text.Json;
using Millrace.Events;

namespace Millrace.Security;

/// <summary>Writes and reads the events about access, which are in one reserved stream of the store.</summary>
internal static class AccessEvents
{
    public static StreamId Stream { get; } = new("$access");

    public static NewEvent Granted(AccessGrant grant) => Of(PlatformEvents.AccessGranted, grant);

    public static NewEvent Revoked(AccessGrant grant) => Of(PlatformEvents.AccessRevoked, grant);

    public static NewEvent Declared(AccessDeclarationRecord declaration) =>
        NewEvent.FromBytes(PlatformEvents.AccessDeclared, Write(declaration));

    public static bool AreEqual(AccessDeclarationRecord left, AccessDeclarationRecord right) =>
        Write(left).AsSpan().SequenceEqual(Write(right));

    /// <summary>Returns the request that appends a change of the rules, if they are still those of a state.</summary>
    public static AppendRequest RequestOf(NewEvent change, AccessState state) =>
        new AppendRequest().ToReserved(Stream, ExpectedVersion.AsRead(state.Version), change);

    /// <summary>
    /// Returns the state after an event. A grant that this version cannot read gives nothing. Of another event that it
    /// cannot read, the effect is unknown, so that no decision is possible.
    /// </summary>
    /// <param name="state">The state before the event.</param>
    /// <param name="recorded">The event.</param>
    /// <param name="usesDeclared">Whether the roles are those in the log, and not those in code.</param>
    /// <exception cref="UnreadableAccessEventException">The event may restrict access, and cannot be read.</exception>
    public static AccessState Apply(AccessState state, RecordedEvent recorded, bool usesDeclared)
    {
        var next = state with { Version = recorded.Version, Position = recorded.Position };
        switch (recorded.Type)
        {
            case PlatformEvents.AccessGranted:
                return ReadGrant(recorded) is { } grant && AccessRights.TryParse(grant.Right) is not null
                    ? next with { Rules = state.Rules.With(grant) }
                    : next;
            case PlatformEvents.AccessRevoked:
                var revoked = ReadGrant(recorded) ?? throw new UnreadableAccessEventException(recorded);
                return next with { Rules = state.Rules.Without(revoked.To, revoked.Right) };
            case PlatformEvents.AccessDeclared when ReadDeclaration(recorded) is { } declared:
                return next with
                {
                    Declared = declared,
                    Rules = usesDeclared ? state.Rules.WithRoles(RolesOf(declared)) : state.Rules,
                };
            case PlatformEvents.AccessDeclared when !usesDeclared:
                return next; // The roles in code are used, whatever other applications declared.
            default:
                throw new UnreadableAccessEventException(recorded);
        }
    }

    private static NewEvent Of(string type, AccessGrant grant)
    {
        var record = new AccessChangeRecord(grant.To.ToString(), grant.Right, grant.By, grant.Reason)
        {
            BySystem = grant.IsBySystem,
        };
        return NewEvent.FromBytes(
            type, JsonSerializer.SerializeToUtf8Bytes(record, AccessJson.Default.AccessChangeRecord)) with
        {
            Metadata = new EventMetadata { UserId = grant.By },
        };
    }

    /// <summary>Returns the grant in an event; null if the event is malformed.</summary>
    public static AccessGrant? ReadGrant(RecordedEvent recorded)
    {
        AccessChangeRecord? record;
        try
        {
            record = JsonSerializer.Deserialize(
                recorded.ReadablePayload.Span, AccessJson.Default.AccessChangeRecord);
        }
        catch (JsonException)
        {
            return null;
        }
        if (record is not { To: { } to, Right: not null, By: not null, Reason: not null }
            || !AccessGrantee.TryParse(to, out var grantee))
            return null;
        var right = AccessRights.TryParse(record.Right)?.Text ?? record.Right;
        return new AccessGrant(grantee, right, record.By, record.Reason)
        {
            IsBySystem = record.BySystem,
            At = recorded.Timestamp,
            Position = recorded.Position,
        };
    }

    private static AccessDeclarationRecord? ReadDeclaration(RecordedEvent recorded)
    {
        try
        {
            return JsonSerializer.Deserialize(
                recorded.ReadablePayload.Span, AccessJson.Default.AccessDeclarationRecord) is
            { Roles: not null, Names: not null, UserIdClaim: not null, RoleClaim: not null } declared
            && declared.Roles.All(role => role is { Name: not null, Rights: not null })
                ? declared
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static Dictionary<string, IReadOnlyList<AccessRight>> RolesOf(AccessDeclarationRecord declared)
    {
        var roles = new Dictionary<string, IReadOnlyList<AccessRight>>(StringComparer.Ordinal);
        foreach (var role in declared.Roles)
            roles[role.Name] = [.. role.Rights.Select(AccessRights.TryParse).OfType<AccessRight>()];
        return roles;
    }

    private static byte[] Write(AccessDeclarationRecord declaration) =>
        JsonSerializer.SerializeToUtf8Bytes(declaration, AccessJson.Default.AccessDeclarationRecord);
}
