using Millrace.Security;

namespace Millrace;

/// <summary>
/// A permission: an action and the name of its resource. The text form is <c>send place-order</c>. A name with spaces
/// is in quotation marks.
/// </summary>
/// <param name="Action">The action.</param>
/// <param name="Resource">The name of the resource; <c>*</c> for all resources of the action.</param>
public sealed record AccessPermission(AccessAction Action, string Resource)
{
    /// <summary>Gets the key of the stream, for rules about the owner; null if the permission is not about one
    /// stream.</summary>
    internal string? Key { get; init; }

    /// <summary>Gets whether the permission is for all resources of the action.</summary>
    internal bool IsForAll => Resource == AccessRights.All;

    /// <summary>Creates the permission to send a command.</summary>
    public static AccessPermission Send(string command) => new(AccessAction.Send, command);

    /// <summary>Creates the permission to ask a query.</summary>
    public static AccessPermission Ask(string query) => new(AccessAction.Ask, query);

    /// <summary>Creates the permission to read a stream. The resource is the category of the stream.</summary>
    public static AccessPermission Read(StreamId stream) =>
        new(AccessAction.Read, stream.Category) { Key = stream.Key };

    /// <summary>Creates the permission to view the documents of a read model.</summary>
    public static AccessPermission View(string readModel) => new(AccessAction.View, readModel);

    /// <summary>Creates the permission to enter a tenant.</summary>
    public static AccessPermission Enter(string tenant) => new(AccessAction.Enter, tenant);

    /// <summary>Creates the permission to use a route for operators.</summary>
    public static AccessPermission Operate(string action) => new(AccessAction.Operate, action);

    /// <summary>Parses the text form, such as <c>send place-order</c>.</summary>
    /// <exception cref="AccessRightException">The text is not a permission.</exception>
    public static AccessPermission Parse(string text)
    {
        var right = AccessRights.Parse(text);
        return right.Rule is { Conditions.Count: 0, Limits.IsNone: true } rule
            ? rule.Permission
            : throw new AccessRightException(text, "it must be an action and a resource, such as 'send place-order'");
    }

    /// <inheritdoc/>
    public override string ToString() => AccessRights.TextOf(this);
}
