using Millrace.Events;
using Millrace.Security;

namespace Millrace.Reporting;

/// <summary>Finds the users and roles that have two separate rights at any time in a period.</summary>
/// <remarks>
/// Only rights in the log are known. Roles in the claims of a user come from the identity provider, so that the roles
/// are checked themselves.
/// </remarks>
internal sealed class HeldDuties(IReadOnlyList<DutyRule> rules, ReportPeriod period)
{
    private readonly (DutyRule Rule, AccessRight First, AccessRight Second)[] _rules =
    [
        .. from rule in rules
           let first = AccessRights.TryParse(rule.First)
           let second = AccessRights.TryParse(rule.Second)
           where first is not null && second is not null
           select (rule, first, second),
    ];

    private readonly Dictionary<(DutyRule Rule, AccessGrantee Holder), DutyConflictRow> _open = [];
    private readonly List<DutyConflictRow> _found = [];

    /// <summary>Gets the rules at the end of the period; null if they cannot be read.</summary>
    public AccessRules? Rules { get; private set; } = AccessRules.Empty;

    /// <summary>Reads the changes of rights, and returns the violations in the order of their start.</summary>
    public async ValueTask<IReadOnlyList<DutyConflictRow>> Find(EventStore store, CancellationToken cancellationToken)
    {
        var state = new AccessState(AccessRules.Empty, 0, 0, 0);
        await foreach (var (_, recorded) in SourceReader
            .Read(store, AccessEvents.Stream, period.Head, cancellationToken).ConfigureAwait(false))
        {
            if (recorded is null)
            {
                Rules = null; // As below.
                break;
            }
            if (recorded.Timestamp >= period.To)
                break;
            try
            {
                state = AccessEvents.Apply(state, recorded, usesDeclared: true);
            }
            catch (UnreadableAccessEventException)
            {
                Rules = null; // The effect of this event is unknown, and so is that of the following ones.
                break;
            }
            Rules = state.Rules;
            Compare(recorded, state.Rules);
        }
        _found.AddRange(_open.Values);
        return
        [
            .. _found
                .Where(row => period.From is not { } from || row.Until is not { } until || until > from)
                .OrderBy(row => row.Since),
        ];
    }

    private void Compare(RecordedEvent recorded, AccessRules rules)
    {
        var changed = recorded.Type == PlatformEvents.AccessDeclared ? null : AccessEvents.ReadGrant(recorded);
        // A right of a user changes only this user. A role changes all that have it.
        if (changed is { To.IsRole: false })
        {
            Compare(changed.To, recorded, rules);
            return;
        }
        var holders = rules.Roles.Keys.Select(AccessGrantee.Role)
            .Concat(rules.Grants.Select(grant => grant.To))
            .Concat(_open.Keys.Select(key => key.Holder))
            .Distinct()
            .ToArray();
        foreach (var holder in holders)
            Compare(holder, recorded, rules);
    }

    private void Compare(AccessGrantee holder, RecordedEvent recorded, AccessRules rules)
    {
        if (_rules.Length == 0)
            return;
        var rights = RightsOf(holder, rules);
        foreach (var (rule, first, second) in _rules)
        {
            var isHeld = Has(rights, first) && Has(rights, second);
            if (isHeld && !_open.ContainsKey((rule, holder)))
                _open[(rule, holder)] = new DutyConflictRow(
                    rule.First, rule.Second, DutyConflictRow.Held, holder.ToString(), recorded.Timestamp)
                {
                    FirstPosition = recorded.Position,
                };
            else if (!isHeld && _open.Remove((rule, holder), out var ended))
                _found.Add(ended with { Until = recorded.Timestamp });
        }
    }

    /// <summary>Returns the rights of a user, or of a signed-in user with a role.</summary>
    private static HolderList RightsOf(AccessGrantee holder, AccessRules rules) =>
        !holder.IsRole ? HolderList.Of(AccessSubject.Of(holder.Name, [], [], AccessClaims.Default), rules)
        : holder.Name == AccessSubject.AnonymousRole ? HolderList.OfRole(holder.Name, rules)
        : HolderList.Of(AccessSubject.Of("", [holder.Name], [], AccessClaims.Default), rules);

    private static bool Has(HolderList rights, AccessRight right) => right.Role is { } role
        ? rights.HasRole(role)
        : rights.Rules.Any(rule => rule.IsAbout(right.Rule!.Permission)); // Not null: a right is a rule or a role.
}
