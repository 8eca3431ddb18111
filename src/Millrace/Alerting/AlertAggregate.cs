namespace Millrace;

/// <summary>The way in which the values of several nodes are combined before a rule evaluates them.</summary>
public enum AlertAggregate
{
    /// <summary>Each node is evaluated separately, and has its own alert.</summary>
    Node,

    /// <summary>The greatest value of all nodes.</summary>
    Max,

    /// <summary>The average of all nodes.</summary>
    Average,

    /// <summary>The sum of all nodes.</summary>
    Sum,
}
