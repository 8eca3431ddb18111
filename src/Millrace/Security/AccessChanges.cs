namespace Millrace.Security;

/// <summary>
/// Grants and revokes rights. The check and the change refer to the same version of the rules, so that a right that is
/// revoked at the same time cannot be used.
/// </summary>
internal sealed class AccessChanges(AccessRulesLog log, IReadOnlyList<IAccessObserver> observers)
{
    public async Task<AccessGrant> Grant(
        AccessGrantee to, string right, AccessAuthor author, CancellationToken cancellationToken)
    {
        var parsed = AccessRights.Parse(right);
        while (true)
        {
            var state = await log.Get(isCurrent: true, cancellationToken).ConfigureAwait(false);
            var grant = Authorize(to, parsed, author, state); // First: a refusal shows which names exist.
            RequireKnown(to, parsed, state);
            if (state.Rules.FindGrant(to, parsed.Text) is { } existing)
                return existing;
            if (await TryAppend(AccessEvents.Granted(grant), state, cancellationToken).ConfigureAwait(false)
                is { } position)
                return Notify(grant with { Position = position, At = log.Store.Time.GetUtcNow() }, isRevoked: false);
        }
    }

    public async Task<AccessGrant> Revoke(
        AccessGrantee to, string right, AccessAuthor author, CancellationToken cancellationToken)
    {
        var parsed = AccessRights.Parse(right);
        while (true)
        {
            var state = await log.Get(isCurrent: true, cancellationToken).ConfigureAwait(false);
            var revoked = Authorize(to, parsed, author, state);
            if (state.Rules.FindGrant(to, parsed.Text) is not { } existing)
                throw new AccessGrantNotFoundException(to, parsed.Text);
            if (await TryAppend(AccessEvents.Revoked(revoked), state, cancellationToken).ConfigureAwait(false) is null)
                continue;
            Notify(revoked with { At = log.Store.Time.GetUtcNow() }, isRevoked: true);
            return existing;
        }
    }

    /// <summary>Returns the change as it is recorded, if the author may make it.</summary>
    private AccessGrant Authorize(AccessGrantee to, AccessRight right, AccessAuthor author, AccessState state)
    {
        ArgumentNullException.ThrowIfNull(author);
        ArgumentException.ThrowIfNullOrWhiteSpace(author.Reason);
        var subject = author.User is { } user ? AccessSubject.Of(user, log.ClaimsOf(state)) : null;
        if (subject is not null && AccessDecider.FindMissingToGrant(subject, right, state.Rules) is { } missing)
        {
            foreach (var observer in observers)
                observer.Decided(new AccessAttempt(subject.UserId, missing, false, null, state.Position));
            throw AccessDeniedException.Missing(missing, subject.IsAuthenticated);
        }
        return new AccessGrant(to, right.Text, AccessControl.NameOf(author, subject), author.Reason)
        {
            IsBySystem = subject is null,
        };
    }

    private void RequireKnown(AccessGrantee to, AccessRight right, AccessState state)
    {
        var vocabulary = log.Declaration?.Vocabulary ?? new RecordedVocabulary(state.Declared);
        if (to.IsRole && vocabulary.FindProblem(AccessRight.OfRole(to.Name)) is { } unknown)
            throw new AccessRightException(right.Text, unknown);
        if (vocabulary.FindProblem(right) is { } problem)
            throw new AccessRightException(right.Text, problem);
    }

    /// <summary>Returns the position of the change; null if the rules have changed in the meantime.</summary>
    private async Task<long?> TryAppend(NewEvent change, AccessState state, CancellationToken cancellationToken)
    {
        try
        {
            var result = await log.Store
                .Append(AccessEvents.RequestOf(change, state), cancellationToken)
                .ConfigureAwait(false);
            // The commit is durable, so that a cancellation must not hide it.
            await log.Refresh(CancellationToken.None).ConfigureAwait(false);
            return result.Position;
        }
        catch (VersionConflictException)
        {
            return null;
        }
    }

    private AccessGrant Notify(AccessGrant grant, bool isRevoked)
    {
        foreach (var observer in observers)
            observer.Changed(grant, isRevoked);
        return grant;
    }
}
