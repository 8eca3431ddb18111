using System.Security.Claims;
using System.Text.Json.Nodes;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Millrace.Security;

namespace Millrace;

/// <summary>
/// Decides about the access of users to the resources of a store, explains decisions, and grants and revokes rights.
/// Thread-safe.
/// </summary>
/// <remarks>
/// The rules are the roles that the application declares, and the rights that were granted since. Grants are events in
/// a reserved stream of the store, and every node follows them. What no rule allows is denied. Code without a user,
/// such as a consumer, acts for the system and is not restricted.
/// </remarks>
public sealed class AccessControl
{
    private const string SystemName = "system";

    private readonly AccessRulesLog _log;
    private readonly IAccessObserver[] _observers;
    private readonly IAnswerFilter? _filter;

    internal AccessControl(AccessRulesLog log, IEnumerable<IAccessObserver> observers, IAnswerFilter? filter)
    {
        (_log, _observers, _filter) = (log, [.. observers], filter);
        Changes = new AccessChanges(log, _observers);
    }

    /// <summary>Gets the grants and revocations.</summary>
    private AccessChanges Changes { get; }

    /// <summary>
    /// Returns the access control of a store for tools. The roles are those that an application last recorded.
    /// </summary>
    public static AccessControl Of(EventStore store)
    {
        ArgumentNullException.ThrowIfNull(store);
        return new AccessControl(new AccessRulesLog(store, null, NullLogger.Instance), [], null);
    }

    /// <summary>
    /// Returns whether the declared roles alone give a user a permission, without grants. It needs no store, for
    /// example before a tenant is opened.
    /// </summary>
    /// <param name="services">The services of the application.</param>
    /// <param name="user">The user.</param>
    /// <param name="permission">The permission.</param>
    public static bool IsDeclared(IServiceProvider services, ClaimsPrincipal? user, AccessPermission permission)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(permission);
        var declaration = services.GetRequiredService<AccessDeclaration>();
        return AccessDecider
            .Decide(
                AccessSubject.Of(user, declaration.Claims),
                permission,
                null,
                AccessRules.Empty.WithRoles(declaration.Roles))
            .IsAllowed;
    }

    /// <summary>Returns whether a user has a permission.</summary>
    public async ValueTask<bool> Allows(
        ClaimsPrincipal? user, AccessPermission permission, CancellationToken cancellationToken = default) =>
        (await Decide(user, permission, null, cancellationToken).ConfigureAwait(false)).IsAllowed;

    /// <summary>Throws if a user does not have a permission. No user is a user who is not signed in.</summary>
    /// <exception cref="AccessDeniedException">The permission is missing.</exception>
    public async ValueTask Demand(
        ClaimsPrincipal? user, AccessPermission permission, CancellationToken cancellationToken = default)
    {
        if (!(await Decide(user, permission, null, cancellationToken).ConfigureAwait(false)).IsAllowed)
            throw AccessDeniedException.Missing(permission, IsSignedIn(user));
    }

    /// <summary>
    /// Waits until a user no longer has a permission, or may view other members of a read model than at first, for
    /// example to end a push of changes. Returns immediately if the user does not have the permission.
    /// </summary>
    /// <exception cref="MillraceException">The rules cannot be read. End the push also in this case.</exception>
    public async Task WaitUntilDenied(
        ClaimsPrincipal? user, AccessPermission permission, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(permission);
        MemberLimits? limits = null;
        while (true)
        {
            var changed = _log.Changed;
            var state = await _log.Get(isCurrent: false, cancellationToken).ConfigureAwait(false);
            var subject = AccessSubject.Of(user, ClaimsOf(state));
            var outcome = AccessDecider.Decide(subject, permission, null, state.Rules);
            if (!outcome.IsAllowed)
                Notify(subject, outcome, state);
            if (!outcome.IsAllowed || !(limits ??= outcome.Limits).Equals(outcome.Limits))
                return;
            // Without a change, the next round reads the log, and fails if it cannot.
            await changed.WaitAsync(AccessRulesLog.MaxAge, _log.Store.Time, cancellationToken)
                .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            cancellationToken.ThrowIfCancellationRequested();
        }
    }

    /// <summary>
    /// Returns a value as JSON without the members that a user may not see. Returns null if nothing has to be left out,
    /// so that the value can be written as usual.
    /// </summary>
    /// <exception cref="AccessDeniedException">The value contains a document that the user may not view.</exception>
    public async ValueTask<JsonNode?> Filter(
        ClaimsPrincipal? user, object? value, Type type, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(type);
        if (_filter is not { } filter || filter.ReadModelsIn(type) is not { Count: > 0 } readModels)
            return null;
        var state = await _log.Get(RequiresCurrentRules, cancellationToken).ConfigureAwait(false);
        var subject = AccessSubject.Of(user, ClaimsOf(state));
        DemandRuleAbout(subject, filter.ReadModelsOf(type), state);
        var isDocument = filter.ReadModelsOf(type).Count > 0;
        return value is null || ViewsAll(subject, readModels, state)
            ? null
            : filter.Filter(value, type, (readModel, attributes) =>
            {
                var wanted = AccessPermission.View(readModel);
                var outcome = AccessDecider.Decide(subject, wanted, attributes, state.Rules);
                Notify(subject, outcome, state);
                return outcome.IsAllowed
                    ? outcome
                    : throw AccessDeniedException.Missing(wanted, subject.IsAuthenticated, isLikeMissing: isDocument);
            });
    }

    /// <summary>
    /// Throws if a user may not see members by which documents were selected or sorted, because the result would show
    /// their values.
    /// </summary>
    /// <param name="user">The user.</param>
    /// <param name="type">The type of the documents.</param>
    /// <param name="members">The names of the members in JSON.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="AccessDeniedException">The user may not see one of the members.</exception>
    public async ValueTask DemandMembers(
        ClaimsPrincipal? user,
        Type type,
        IReadOnlyCollection<string> members,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(type);
        ArgumentNullException.ThrowIfNull(members);
        if (_filter?.ReadModelsOf(type) is not { Count: > 0 } readModels)
            return;
        var state = await _log.Get(RequiresCurrentRules, cancellationToken).ConfigureAwait(false);
        var subject = AccessSubject.Of(user, ClaimsOf(state));
        DemandRuleAbout(subject, readModels, state);
        foreach (var member in members)
        {
            if (readModels.Any(readModel => AccessDecider.CanSeeMember(subject, readModel, member, state.Rules)))
                continue;
            var missing = AccessPermission.View($"{readModels[0]}.{member}");
            Notify(subject, new AccessOutcome(missing, HolderList.Of(subject, state.Rules), -1, default), state);
            throw AccessDeniedException.Missing(missing, subject.IsAuthenticated);
        }
    }

    /// <summary>Returns a decision with its reasons. Explanations are not observed as attempts.</summary>
    /// <param name="user">The user; see <see cref="UserOf"/>.</param>
    /// <param name="permission">The permission. For a member of a read model: <c>view customer.email</c>.</param>
    /// <param name="at">The position of the log; null for its end.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public async ValueTask<AccessExplanation> Explain(
        ClaimsPrincipal? user,
        AccessPermission permission,
        long? at = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(permission);
        var state = await StateAt(at, cancellationToken).ConfigureAwait(false);
        return AccessExplainer.Explain(AccessSubject.Of(user, ClaimsOf(state)), permission, state);
    }

    /// <summary>Returns the roles and grants.</summary>
    /// <param name="at">The position of the log; null for its end.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    public async ValueTask<AccessSnapshot> List(long? at = null, CancellationToken cancellationToken = default)
    {
        var state = await StateAt(at, cancellationToken).ConfigureAwait(false);
        return new AccessSnapshot(
            state.Position,
            [
                .. state.Rules.Roles.OrderBy(role => role.Key, StringComparer.Ordinal)
                    .Select(role => new AccessRole(role.Key, [.. role.Value.Select(right => right.Text)])),
            ],
            [.. state.Rules.Grants]);
    }

    /// <summary>Grants a right to a user or a role. A right that is already granted remains as it is.</summary>
    /// <param name="to">The user or role.</param>
    /// <param name="right">The right: <c>role clerk</c>, or a rule such as <c>send place-order</c>.</param>
    /// <param name="author">The author, who needs the permission to grant the right, and must have the right.</param>
    /// <param name="cancellationToken">Cancels the operation.</param>
    /// <exception cref="AccessDeniedException">The author lacks a permission.</exception>
    /// <exception cref="AccessRightException">The right is not valid, or names something unknown.</exception>
    public Task<AccessGrant> Grant(
        AccessGrantee to, string right, AccessAuthor author, CancellationToken cancellationToken = default) =>
        Changes.Grant(to, right, author, cancellationToken);

    /// <summary>Revokes a granted right.</summary>
    /// <inheritdoc cref="Grant"/>
    /// <exception cref="AccessGrantNotFoundException">The right was not granted.</exception>
    public Task<AccessGrant> Revoke(
        AccessGrantee to, string right, AccessAuthor author, CancellationToken cancellationToken = default) =>
        Changes.Revoke(to, right, author, cancellationToken);

    /// <summary>Returns a user with an id, roles and claims, for tools and explanations.</summary>
    public async ValueTask<ClaimsPrincipal> UserOf(
        string id,
        IEnumerable<string>? roles = null,
        IEnumerable<KeyValuePair<string, string>>? claims = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(id);
        var types = ClaimsOf(await _log.Get(isCurrent: false, cancellationToken).ConfigureAwait(false));
        return types.CreateUser(id, roles ?? [], claims ?? []);
    }

    /// <summary>Decides, and notifies the observers.</summary>
    internal async ValueTask<AccessOutcome> Decide(
        ClaimsPrincipal? user,
        AccessPermission permission,
        Func<string, string?>? attributes,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(permission);
        var state = await _log.Get(RequiresCurrentRules, cancellationToken).ConfigureAwait(false);
        var subject = AccessSubject.Of(user, ClaimsOf(state));
        var outcome = AccessDecider.Decide(subject, permission, attributes, state.Rules);
        Notify(subject, outcome, state);
        return outcome;
    }

    /// <summary>Returns an answer as a value without the members that a user may not see.</summary>
    internal object? ReadBack(JsonNode filtered, Type type) => _filter!.ReadBack(filtered, type); // It made the JSON.

    internal static string NameOf(AccessAuthor author, AccessSubject? subject) =>
        author.Name ?? (subject is null ? SystemName : subject.UserId ?? AccessSubject.AnonymousRole);

    private bool RequiresCurrentRules => _log.Declaration?.RequiresCurrentRules == true;

    private static bool IsSignedIn(ClaimsPrincipal? user) =>
        user?.Identities.Any(identity => identity.IsAuthenticated) == true;

    private AccessClaims ClaimsOf(AccessState state) => _log.ClaimsOf(state);

    private ValueTask<AccessState> StateAt(long? at, CancellationToken cancellationToken) =>
        at is { } position ? _log.GetAt(position, cancellationToken) : _log.Get(isCurrent: true, cancellationToken);

    /// <summary>
    /// Throws if no rule lets a user view any document of one of the read models. Whether the document exists has no
    /// effect.
    /// </summary>
    private void DemandRuleAbout(AccessSubject subject, IReadOnlyList<string> readModels, AccessState state)
    {
        if (readModels.Count == 0
            || readModels.Any(readModel =>
                AccessDecider.HasRuleAbout(subject, AccessPermission.View(readModel), state.Rules)))
            return;
        var missing = AccessPermission.View(readModels[0]);
        Notify(subject, new AccessOutcome(missing, HolderList.Of(subject, state.Rules), -1, default), state);
        throw AccessDeniedException.Missing(missing, subject.IsAuthenticated);
    }

    /// <summary>Returns whether a user may view all documents of read models with all members.</summary>
    private bool ViewsAll(AccessSubject subject, IReadOnlyList<string> readModels, AccessState state)
    {
        foreach (var readModel in readModels)
        {
            var outcome = AccessDecider.Decide(subject, AccessPermission.View(readModel), null, state.Rules);
            if (!outcome.IsAllowed || !outcome.Limits.IsNone)
                return false;
            Notify(subject, outcome, state);
        }
        return true;
    }

    private void Notify(AccessSubject subject, AccessOutcome outcome, AccessState state)
    {
        if (_observers.Length == 0)
            return;
        var attempt = new AccessAttempt(
            subject.UserId, outcome.Permission, outcome.IsAllowed, outcome.Rule, state.Position);
        foreach (var observer in _observers)
            observer.Decided(attempt);
    }
}
