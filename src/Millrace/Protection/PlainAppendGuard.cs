using System.Collections.Frozen;
using Millrace.Events;
using Millrace.Storage;

namespace Millrace.Protection;

/// <summary>
/// Refuses to store plain values of members that another program encrypts. A program without keys, such as the
/// command-line tool, has this guard for all types, and an application for the types that only other applications know.
/// </summary>
internal sealed class PlainAppendGuard
{
    private readonly FrozenDictionary<string, MarkNode> _declared;
    private readonly FrozenSet<string> _claims;
    private readonly ProtectionScope _scope;
    private readonly bool _hasKeys;

    /// <param name="declared">The paths of the marked members, by the stored name of the event type.</param>
    /// <param name="claims">The scopes of claims whose values must be hashes.</param>
    /// <param name="scope">The tenant of the store.</param>
    /// <param name="hasKeys">True if the program encrypts the types that it knows.</param>
    public PlainAppendGuard(
        IEnumerable<KeyValuePair<string, string[]>> declared,
        IEnumerable<string> claims,
        ProtectionScope scope,
        bool hasKeys)
    {
        _claims = claims.ToFrozenSet(StringComparer.Ordinal);
        _scope = scope;
        _declared = declared.ToFrozenDictionary(
            pair => pair.Key,
            pair => MarkNode.Of(pair.Value.Select(static path => new ProtectedMember(path) { IsSecret = true })),
            StringComparer.Ordinal);
        _hasKeys = hasKeys;
    }

    /// <exception cref="ProtectedValueException">A value would be stored plain.</exception>
    public void Check(CommitRequest request)
    {
        CheckClaims(request);
        foreach (var append in request.Appends)
        {
            foreach (var encoded in append.Events)
            {
                if (MarksOf(encoded.Type) is { } marks && HasPlainValue(encoded, marks))
                    throw Refused(encoded.Type);
            }
        }
        foreach (var change in request.DeadLetters)
        {
            var letter = change.DeadLetter;
            if (!_hasKeys
                && !change.IsRemoval
                && letter.EditedPayload is { } edited
                && MarksOf(letter.EventType) is not null
                && CipherText.TryParse(edited.Span) is null)
                throw Refused(letter.EventType);
        }
    }

    private void CheckClaims(CommitRequest request)
    {
        if (_claims.Count == 0 || request.IsAsStored)
            return;
        for (var i = 0; i < request.Claims.Count; i++)
            CheckClaim(request.Claims[i].Scope);
    }

    /// <exception cref="ProtectedValueException">The values of the scope must be hashes.</exception>
    public void CheckClaim(string storedScope)
    {
        var (_, scope) = _scope.Split(storedScope);
        if (_claims.Contains(scope))
            throw new ProtectedValueException(
                scope,
                "the store contains hashes of the claimed values of this scope, and this program would store or "
                    + $"compare a plain value. Call model.ProtectClaims(\"{scope}\") as in the other program, or "
                    + "use another scope.");
    }

    /// <summary>Refuses to claim a value that starts as a hash, because it would later be taken for one.</summary>
    /// <exception cref="ProtectedValueException">A value starts as a hash.</exception>
    public static void RefuseFormOfHash(IReadOnlyList<Claim> claims)
    {
        for (var i = 0; i < claims.Count; i++)
        {
            if (!claims[i].IsRelease && ClaimHash.HasPrefix(claims[i].Value))
                throw new ProtectedValueException(
                    claims[i].Scope,
                    $"a claimed value starts with {ClaimHash.Prefix}, as the hashes of protected claims do. Refuse "
                        + "such a value before the claim, or put a character before it.");
        }
    }

    private static ProtectedValueException Refused(string type) =>
        new(
            type,
            "the store encrypts members of this type, and this program cannot encrypt them. Use the application that "
                + "declares the type.");

    private static bool HasPlainValue(EncodedEvent encoded, MarkNode marks)
    {
        if (encoded.ContentType != EventContentType.Json)
            return true;
        foreach (var value in MarkedValueLocator.Find(encoded.Payload.Span, marks, null, encoded.Type))
        {
            var json = encoded.Payload.Span.Slice(value.Start, value.Length);
            if (json[0] != (byte)'"' || CipherText.TryParse(json[1..^1]) is null)
                return true;
        }
        return false;
    }

    private MarkNode? MarksOf(string type) =>
        _declared.GetValueOrDefault(type)
        ?? (!_hasKeys && PlatformEvents.IsReserved(type) ? ProtectionModel.Empty.OfEvent(type) : null);
}
