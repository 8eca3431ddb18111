using System.Text;
using System.Text.Json;

namespace Millrace.Protection;

/// <summary>A tree of the marked members of a type, by the segments of their paths.</summary>
internal sealed class MarkNode
{
    private readonly List<(string Name, byte[] Utf8, MarkNode Node)> _members = [];
    private MarkNode? _each;

    private MarkNode(string? name = null) => Name = name;

    /// <summary>Gets the name of the member as it was declared; null for the items of an array.</summary>
    public string? Name { get; }

    /// <summary>Gets the mark of the value itself; null if only values inside it are marked.</summary>
    public ProtectedMember? Mark { get; private set; }

    /// <summary>Gets whether the value is the id of a data subject.</summary>
    public bool IsSubject { get; private set; }

    /// <summary>Gets whether members or items inside the value are marked.</summary>
    public bool HasMarksInside =>
        _members.Exists(static member => member.Node.Mark is not null || member.Node.HasMarksInside)
        || _each is { Mark: not null }
        || _each?.HasMarksInside == true;

    /// <summary>Creates the tree of marked members and of the members with their subjects.</summary>
    public static MarkNode Of(IEnumerable<ProtectedMember> members)
    {
        var root = new MarkNode();
        foreach (var member in members)
        {
            root.Add(member.Path).Mark = member;
            if (member.Subject is { } subject)
                root.Add(subject).IsSubject = true;
        }
        root.Complete();
        return root;
    }

    /// <summary>
    /// Finds the node of the member whose name the reader is at. Names that differ only in case are the same member,
    /// because a reader of the type may accept both.
    /// </summary>
    public MarkNode? Find(ref Utf8JsonReader reader)
    {
        foreach (var (_, utf8, node) in _members)
        {
            if (reader.ValueTextEquals(utf8))
                return node;
        }
        if (_members.Count == 0)
            return _each;
        return FindIgnoringCase(ref reader) ?? _each;
    }

    /// <summary>Returns the node of the items of an array.</summary>
    public MarkNode? Each() => _each;

    /// <summary>Returns the node of a member or of an item; null if nothing in it is marked.</summary>
    public MarkNode? Next(string name) => FindMember(name) ?? _each;

    /// <summary>Returns whether the value at a path is marked.</summary>
    public bool IsMarked(string path) => At(path)?.Mark is not null;

    /// <summary>Returns the node of the value at a path; null if nothing in it is marked, or if a value that contains
    /// it is marked.</summary>
    public MarkNode? At(string path)
    {
        var node = this;
        foreach (var segment in SegmentsOf(path))
        {
            if (node.Mark is not null || node.Next(JsonPathStack.Unescape(segment)) is not { } next)
                return null;
            node = next;
        }
        return node;
    }

    /// <summary>Returns the nodes of the marked values: this one, or those inside it.</summary>
    public IEnumerable<MarkNode> Marked() =>
        Mark is not null
            ? [this]
            : _members.Select(static member => member.Node).Concat(_each is null ? [] : [_each])
                .SelectMany(static node => node.Marked());

    private MarkNode? FindIgnoringCase(ref Utf8JsonReader reader)
    {
        foreach (var (name, utf8, node) in _members)
        {
            var mayBeEqual = reader.ValueIsEscaped || reader.ValueSpan.Length == utf8.Length
                || reader.ValueSpan.ContainsAnyExceptInRange((byte)0, (byte)127) || !Ascii.IsValid(utf8);
            if (mayBeEqual && string.Equals(reader.GetString(), name, StringComparison.OrdinalIgnoreCase))
                return node;
        }
        return null;
    }

    /// <summary>Adds what is marked in every member to each member that has its own node.</summary>
    private void Complete()
    {
        foreach (var (_, _, node) in _members)
        {
            if (_each is not null)
                node.Add(_each);
        }
        foreach (var (_, _, node) in _members)
            node.Complete();
        _each?.Complete();
    }

    private void Add(MarkNode other)
    {
        Mark ??= other.Mark;
        IsSubject |= other.IsSubject;
        foreach (var (name, _, node) in other._members)
            Member(name).Add(node);
        if (other._each is not null)
            (_each ??= new MarkNode()).Add(other._each);
    }

    private MarkNode Add(string path)
    {
        var node = this;
        foreach (var segment in SegmentsOf(path))
            node = segment == "*" ? node._each ??= new MarkNode() : node.Member(JsonPathStack.Unescape(segment));
        return node;
    }

    private MarkNode? FindMember(string name) =>
        _members.Find(member => string.Equals(member.Name, name, StringComparison.OrdinalIgnoreCase)).Node;

    private MarkNode Member(string name)
    {
        if (FindMember(name) is { } known)
            return known;
        var found = new MarkNode(name);
        _members.Add((name, Encoding.UTF8.GetBytes(name), found));
        return found;
    }

    /// <summary>Returns the segments of a path; none for the path of the whole value, which is empty.</summary>
    public static string[] SegmentsOf(string path) => path.Length == 0 ? [] : path[1..].Split('/');
}
