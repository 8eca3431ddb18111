namespace Millrace;

/// <summary>What an advice proposes.</summary>
public enum AdviceKind
{
    /// <summary>To build an index of several members.</summary>
    CreateIndex,

    /// <summary>To remove an index that no query used for 30 days.</summary>
    RemoveIndex,

    /// <summary>To keep the result of a query in a view that is refreshed.</summary>
    MaterializedView,

    /// <summary>To cache the results of a query.</summary>
    Cache,

    /// <summary>No proposal: what could not be examined or proposed, with the reason.</summary>
    Omission,
}
