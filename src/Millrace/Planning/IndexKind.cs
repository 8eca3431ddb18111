namespace Millrace;

/// <summary>The kind of an index.</summary>
public enum IndexKind
{
    /// <summary>No index.</summary>
    None,

    /// <summary>A B-tree, which finds values and ranges in order.</summary>
    BTree,

    /// <summary>A hash index, which only finds equal values of one member.</summary>
    Hash,
}
