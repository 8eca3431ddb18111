using System.Security.Claims;

namespace Millrace.Security;

/// <summary>A user as rules see it: the id, the roles and the claims of authenticated identities.</summary>
internal sealed class AccessSubject
{
    /// <summary>The role of a user who is not signed in.</summary>
    public const string AnonymousRole = "anonymous";

    /// <summary>The role of every user who is signed in.</summary>
    public const string AuthenticatedRole = "authenticated";

    private readonly ClaimsPrincipal? _principal;
    private readonly AccessClaims _types;
    private readonly bool _hasSeveralIds;

    private AccessSubject(
        string? userId,
        IReadOnlyList<string> roles,
        ClaimsPrincipal? principal,
        AccessClaims types,
        bool hasSeveralIds = false) =>
        (UserId, Roles, _principal, _types, _hasSeveralIds) = (userId, roles, principal, types, hasSeveralIds);

    /// <summary>Gets the id; null if the user is not signed in or has no id.</summary>
    public string? UserId { get; }

    /// <summary>Gets the roles from claims, with the built-in role.</summary>
    public IReadOnlyList<string> Roles { get; }

    public bool IsAuthenticated => _principal is not null;

    public static AccessSubject Anonymous { get; } = new(null, [AnonymousRole], null, AccessClaims.Default);

    /// <summary>Creates a user from texts, for tools and explanations.</summary>
    public static AccessSubject Of(
        string userId,
        IEnumerable<string> roles,
        IEnumerable<KeyValuePair<string, string>> claims,
        AccessClaims types) =>
        Of(types.CreateUser(userId, roles, claims), types);

    /// <summary>Creates a user from claims. Claims of identities that are not authenticated have no effect.</summary>
    public static AccessSubject Of(ClaimsPrincipal? principal, AccessClaims types)
    {
        List<string>? roles = null;
        var (ids, renamedIds) = (new SingleText(), new SingleText());
        foreach (var identity in principal?.Identities ?? [])
        {
            if (!identity.IsAuthenticated)
                continue;
            roles ??= [AuthenticatedRole];
            foreach (var claim in identity.Claims)
            {
                if (types.IsRole(claim.Type))
                    AddRole(roles, claim.Value);
                else if (claim.Type == types.UserId)
                    ids.Add(claim.Value);
                else if (types.IsRenamedUserId(claim.Type))
                    renamedIds.Add(claim.Value);
            }
        }
        if (roles is null)
            return Anonymous;
        var id = ids.IsEmpty ? renamedIds : ids;
        return new AccessSubject(
            string.IsNullOrWhiteSpace(id.Text) ? null : id.Text,
            roles,
            principal,
            types,
            hasSeveralIds: id is { IsEmpty: false, Text: null });
    }

    /// <summary>
    /// Returns whether the user has a claim with a value. No condition holds for a user with several ids, because the
    /// claims may belong to several people.
    /// </summary>
    public bool HasClaim(string type, string value)
    {
        if (_hasSeveralIds)
            return false;
        if (type == _types.UserId)
            return UserId == value;
        foreach (var identity in _principal?.Identities ?? [])
        {
            if (!identity.IsAuthenticated)
                continue;
            foreach (var claim in identity.Claims)
            {
                if (claim.Type == type && claim.Value == value)
                    return true;
            }
        }
        return false;
    }

    private static void AddRole(List<string> roles, string role)
    {
        if (role is not (AnonymousRole or AuthenticatedRole)) // A claim cannot give the built-in roles.
            roles.Add(role);
    }

    /// <summary>
    /// The one text of several claims. A user with two different ids has none, because rules must not depend on the
    /// order of claims.
    /// </summary>
    private struct SingleText
    {
        private bool _isAmbiguous;
        private string? _first;

        public readonly bool IsEmpty => _first is null;

        public readonly string? Text => _isAmbiguous ? null : _first;

        public void Add(string text)
        {
            _isAmbiguous |= _first is not null && _first != text;
            _first ??= text;
        }
    }
}
