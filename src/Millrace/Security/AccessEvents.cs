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

    /// <summary>Returns the state after an event. A right that this version cannot read gives nothing.</summary>
    /// <param name="state">The state before the event.</param>
    /// <param name="recorded">The event.</param>
    /// <param name="usesDeclared">Whether the roles are those in the log, and not those in code.</param>
    public static AccessState Apply(AccessState state, RecordedEvent recorded, bool usesDeclared)
    {
        var next = state with { Version = recorded.Version, Position = recorded.Position };
        switch (recorded.Type)
        {
            case PlatformEvents.AccessGranted:
                return ReadGrant(recorded) is { } grant && CanRead(grant.Right)
                    ? next with { Rules = state.Rules.With(grant) }
                    : next;
            case PlatformEvents.AccessRevoked:
                return ReadGrant(recorded) is { } revoked
                    ? next with { Rules = state.Rules.Without(revoked.To, revoked.Right) }
                    : next;
            case PlatformEvents.AccessDeclared:
                return ReadDeclaration(recorded) is not { } declared ? next : next with
                {
                    Declared = declared,
                    Rules = usesDeclared ? state.Rules.WithRoles(RolesOf(declared)) : state.Rules,
                };
            default:
                return next;
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

    /// <summary>Returns the grant in an event; null if the event is malformed, because anyone can append.</summary>
    private static AccessGrant? ReadGrant(RecordedEvent recorded)
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
        return new AccessGrant(grantee, record.Right, record.By, record.Reason)
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
            { Roles: not null, Names: not null } declared
                ? declared
                : null;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static Dictionary<string, IReadOnlyList<AccessRight>> RolesOf(AccessDeclarationRecord declared) =>
        declared.Roles.ToDictionary(
            role => role.Name,
            role => (IReadOnlyList<AccessRight>)[.. role.Rights.Where(CanRead).Select(AccessRights.Parse)],
            StringComparer.Ordinal);

    private static byte[] Write(AccessDeclarationRecord declaration) =>
        JsonSerializer.SerializeToUtf8Bytes(declaration, AccessJson.Default.AccessDeclarationRecord);

    private static bool CanRead(string right)
    {
        try
        {
            AccessRights.Parse(right);
            return true;
        }
        catch (AccessRightException) // A later version wrote it.
        {
            return false;
        }
    }
}
