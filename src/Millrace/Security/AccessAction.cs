namespace Millrace;

/// <summary>An action that needs a permission. Each action applies to one kind of resource.</summary>
public enum AccessAction
{
    /// <summary>Sends a command. The resource is the stable name of the command.</summary>
    Send,

    /// <summary>Asks a query. The resource is the stable name of the query.</summary>
    Ask,

    /// <summary>Reads the events of streams. The resource is the category of the streams.</summary>
    Read,

    /// <summary>Views the documents of a read model. The resource is the name of the read model.</summary>
    View,

    /// <summary>Enters a tenant. The resource is the name of the tenant.</summary>
    Enter,

    /// <summary>Uses a route for operators. The resource is the name of the operator action.</summary>
    Operate,

    /// <summary>
    /// Grants and revokes a right. The resource is the right, such as <c>role clerk</c> or <c>send place-order</c>.
    /// </summary>
    Grant,
}
