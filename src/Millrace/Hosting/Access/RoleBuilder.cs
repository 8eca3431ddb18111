using Millrace.Hosting.Access;
using Millrace.Security;

namespace Millrace;

/// <summary>Adds rights to a role.</summary>
public sealed class RoleBuilder
{
    internal RoleBuilder()
    {
    }

    /// <summary>The rights, which need the names of the model.</summary>
    internal List<Func<ModelVocabulary, AccessRight>> Rights { get; } = [];

    /// <summary>Allows to send a command.</summary>
    /// <param name="ownedBy">The member of the command that must be the id of the user; null for any command.</param>
    public RoleBuilder MaySend<TCommand>(string? ownedBy = null) =>
        Add(names => Rule(names, AccessAction.Send, names.CommandOf(typeof(TCommand)), ownedBy));

    /// <summary>Allows to ask a query.</summary>
    /// <param name="ownedBy">The member of the query that must be the id of the user; null for any query.</param>
    public RoleBuilder MayAsk<TQuery>(string? ownedBy = null) =>
        Add(names => Rule(names, AccessAction.Ask, names.QueryOf(typeof(TQuery)), ownedBy));

    /// <summary>Allows to read the events of a category of streams.</summary>
    /// <param name="category">The category, which is the part of a name before the first <c>-</c>.</param>
    /// <param name="onlyOwn">Whether the key of the stream must be the id of the user; false by default.</param>
    public RoleBuilder MayRead(string category, bool onlyOwn = false) =>
        Add(names => Rule(names, AccessAction.Read, category, onlyOwn ? AccessCondition.Key : null));

    /// <summary>Allows to view the documents of the read models with a type of documents.</summary>
    /// <param name="without">The members that the role does not receive: <c>[nameof(Customer.Email)]</c>. A member
    /// below the top level is a path, such as <c>Address.Street</c>, also through lists; <c>*</c> means each value of
    /// a map.</param>
    /// <param name="masking">The members that the role receives as <c>***</c>, or not at all if they are no
    /// text.</param>
    /// <param name="ownedBy">The member of the document that must be the id of the user; null for any
    /// document.</param>
    public RoleBuilder MayView<TDocument>(
        IEnumerable<string>? without = null, IEnumerable<string>? masking = null, string? ownedBy = null)
    {
        string[] hidden = [.. without ?? []];
        string[] masked = [.. masking ?? []];
        return Add(names =>
        {
            var rule = Rule(names, AccessAction.View, names.ReadModelOf(typeof(TDocument)), ownedBy).Rule!; // A rule.
            return AccessRight.Of(rule with
            {
                Limits = MemberLimits.Of(
                    hidden.Select(member => names.PathOf(rule.Permission, member)),
                    masked.Select(member => names.PathOf(rule.Permission, member))),
            });
        });
    }

    /// <summary>Allows to enter the tenant that a claim of the user names.</summary>
    public RoleBuilder MayEnterOwnTenant(string claim = "tenant") =>
        Add(_ => AccessRight.Of(
            new AccessRule(new AccessPermission(AccessAction.Enter, AccessRights.All))
            {
                Conditions = [new AccessCondition(AccessCondition.Name, claim)],
            }));

    /// <summary>Allows operator actions, such as <c>dead-letters</c>.</summary>
    public RoleBuilder MayOperate(params IEnumerable<string> actions)
    {
        ArgumentNullException.ThrowIfNull(actions);
        foreach (var action in actions)
            Add(names => Rule(names, AccessAction.Operate, action, null));
        return this;
    }

    /// <summary>Allows to grant and revoke rights, such as <c>role clerk</c>, <c>send *</c> or <c>*</c>.</summary>
    public RoleBuilder MayGrant(params IEnumerable<string> rights)
    {
        ArgumentNullException.ThrowIfNull(rights);
        return May(rights.Select(right => $"{AccessRights.GrantWord} {right}"));
    }

    /// <summary>Adds all rights of other roles.</summary>
    public RoleBuilder Includes(params IEnumerable<string> roles)
    {
        ArgumentNullException.ThrowIfNull(roles);
        foreach (var role in roles)
            Add(_ => AccessRight.OfRole(role));
        return this;
    }

    /// <summary>
    /// Adds rights as text, such as <c>send *</c>, <c>read order if key is customer_id</c> or <c>enter acme</c>.
    /// </summary>
    public RoleBuilder May(params IEnumerable<string> rights)
    {
        ArgumentNullException.ThrowIfNull(rights);
        foreach (var right in rights)
            Add(_ => AccessRights.Parse(right));
        return this;
    }

    private static AccessRight Rule(ModelVocabulary names, AccessAction action, string resource, string? ownedBy)
    {
        var permission = new AccessPermission(action, resource);
        return AccessRight.Of(new AccessRule(permission)
        {
            Conditions = ownedBy is null
                ? []
                : [new AccessCondition(names.MemberOf(permission, ownedBy), names.UserIdClaim)],
        });
    }

    private RoleBuilder Add(Func<ModelVocabulary, AccessRight> right)
    {
        Rights.Add(right);
        return this;
    }
}
