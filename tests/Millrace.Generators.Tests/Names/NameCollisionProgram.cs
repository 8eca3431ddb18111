using System.Text;

namespace Millrace.Generators.Tests.Names;

/// <summary>
/// A random legal program. Its names are chosen to collide with each other, with .NET types and with generated names.
/// </summary>
internal sealed class NameCollisionProgram
{
    private static readonly string[] Namespaces =
    [
        "Acme", "acme", "Sales", "SALES", "System", "Millrace", "event", "Json", "Text", "Collections", "Generic",
        "Serialization", "Läden",
        "_", "global", "Guid", "Metadata", "record", "when",
    ];

    private static readonly string[] TypeNames =
    [
        "Order", "order", "ORDER", "OrderId", "OrderID", "Orderid", "Cart_Item", "Cart", "Item", "List", "String",
        "System", "Millrace", "Guid",
        "Object", "Json", "JsonRead", "JsonConverter", "Utf8JsonReader", "Utf8JsonWriter", "JsonTypeInfo", "class",
        "event", "record", "Line",
        "Box", "BoxOfLine", "BoxOfint", "BoxOfListOfint", "ListOfint", "ListOfstringOrNull", "IntArray", "Task",
        "ValueTask", "Nullable", "Élan",
        "_", "__", "Id", "Name", "Events", "HandleGo", "Go", "GoJson", "LineJson", "LineCbor", "Sample", "SampleJson",
        "Type", "Exception",
        "Func", "required", "field", "scoped", "file", "partial", "await", "dynamic", "nint", "async", "nameof",
        "CborReader", "MemberNames",
        "HandleHandle", "ModelResolver", "Makers", "Options", "Resolver", "ModelBuilder", "Tag", "Aggregate",
        "Decider1", "RecordedEvent", "Ǆ", "ǆ",
        "Order_Line", "Order_LineJson", "AggregateDefinition", "int", "void", "static", "CultureInfo", "ICollection",
        "IntPtr", "where", "EventType",
    ];

    private static readonly string[] MemberNames =
    [
        "Id", "Value", "value", "VALUE1", "Name", "name_", "reader", "Writer", "member", "Result", "next", "Names",
        "Walk", "written", "exception1",
        "class", "Event", "int", "Has_", "HasName", "NameName", "Foo", "FooName", "SetFoo", "FooSetter", "Given",
        "FooGiven", "Members", "Options",
        "Converter", "JsonRead", "JsonWrite", "JsonTypes", "Utf8JsonWriter", "Key", "Item", "items", "data", "tags",
        "System", "Millrace", "global",
        "await", "var", "dynamic", "default", "when", "is", "not", "Größe", "_", "__", "index", "Start",
        "Discriminator", "made", "TextOf", "ReadValue",
    ];

    private static readonly string[] Refused =
    [
        "Value", "Parse", "TryParse", "New", "From", "TryFrom", "IsDefault", "CompareTo", "ReadJson", "ReadCbor",
        "JsonConverter", "Checked",
        "Decider", "Evolve", "WriteState", "Fold", "CollectKeys", "Json", "JsonResolver", "JsonTypes", "Register",
        "Describe", "EventsContract",
    ];

    private readonly Random _random;
    private readonly StringBuilder _code = new();
    private readonly HashSet<string> _usedNames = new(StringComparer.Ordinal);
    private readonly List<string> _namespaces = [];
    private readonly List<string> _ids = [];
    private readonly List<string> _values = [];
    private readonly List<string> _shapes = [];
    private readonly List<string> _generic = [];
    private readonly List<string> _events = [];
    private readonly List<(string Type, string Id)> _aggregates = [];
    private int _number;

    public NameCollisionProgram(int seed)
    {
        _random = new Random(seed);
        MakeNamespaces();
        Times(
            1,
            4,
            () =>
                _ids.Add(
                    Declare(name =>
                        $"[global::Millrace.Id<global::System.Guid>] public readonly partial record struct {name};")));
        Times(
            1,
            3,
            () =>
                _values.Add(
                    Declare(name =>
                        $"[global::Millrace.Value<{Pick(["int", "string", "decimal"])}>] public readonly partial "
                            + $"record struct {name} {{ private static string? Problem({_lastPicked} value) => null; }}"
                    )
                )
        );
        Times(1, 3, () => _shapes.Add(Declare(name => $"public enum {name} {{ {Names(3)} }}")));
        Times(
            1, 3, () => _generic.Add(Declare(name => $"public sealed record {name}<T>(T {Member(name)});", arity: 1)));
        Times(3, 8, () => _shapes.Add(Declare(Record)));
        Times(2, 6, AddEvent);
        Times(1, 3, AddAggregate);
        Times(0, 2, AddDecider);
        Times(1, 3, AddProjection);
        Times(1, 4, AddCommand);
        Model = Declare(name => $"[global::Millrace.Model] public sealed partial class {name};", isNested: false);
    }

    public string Code => _code.ToString();

    public string Model { get; }

    public int Events => _events.Count;

    public int Aggregates => _aggregates.Count;

    public int Deciders { get; private set; }

    public int Projections { get; private set; }

    public int Commands { get; private set; }

    // The last picked string.
    private string _lastPicked = "";

    private void MakeNamespaces()
    {
        Times(2, 5, () =>
        {
            var path = _namespaces.Count > 0 && _random.Next(2) == 0 ? Pick(_namespaces) : "";
            Times(1, 2, () =>
            {
                var part = Pick(path.Length == 0 ? ["Acme", "acme", "event", "Läden", "_", "record"] : Namespaces);
                path = path.Length == 0 ? Escaped(part) : $"{path}.{Escaped(part)}";
                if (!_namespaces.Contains(path))
                    _namespaces.Add(path);
            });
        });
        _usedNames.UnionWith(_namespaces.Select(space => "global::" + space));
    }

    private void AddEvent() => _events.Add(Declare(name => $"[global::Millrace.Event(\"e{_number}\")] {Record(name)}"));

    private void AddAggregate()
    {
        var id = Pick(_ids);
        var events = _events.Where(_ => _random.Next(2) == 0).ToList();
        var whenMethods = string.Concat(
            events.Select(type => $"private void When({type} {Escaped(Pick(MemberNames))}) {{ }} "));
        _aggregates.Add(
            (
                Declare(name =>
                    $"[global::Millrace.Stream(\"s{_number}\")] public sealed partial class {name} : "
                    + $"global::Millrace.Aggregate<{id}> {{ private {Pick(_shapes)}? {Member(name)}; {whenMethods}}}"),
                id));
    }

    private void AddDecider()
    {
        Deciders++;
        var state = Pick(_values);
        Declare(name =>
            $"[global::Millrace.Decider(\"d{_number}\")] public static partial class {name} {{ public static {state} "
                + $"Initial => default; public static {state} Evolve({state} state, {Pick(_events)} e) => state; }}"
        );
    }

    private void AddProjection()
    {
        Projections++;
        var (key, document, type) = (Pick(_ids), Declare(Record), Pick(_events));
        Declare(name => $"[global::Millrace.Projection(\"p{_number}\")] public sealed partial class {name} : "
            + $"global::Millrace.Projection<{key}, {document}> {{ public static {key}? Key({type} e) => null; "
            + $"public static {document}? Apply({document}? document, {type} e) => document; }}");
    }

    private void AddCommand()
    {
        Commands++;
        var (aggregate, id) = Pick(_aggregates);
        var member = Pick(MemberNames);
        var command = Declare(name => $"[global::Millrace.MessageName(\"c{_number}\")] public sealed record {name}"
            + $"({id} {Escaped(member == name.TrimStart('@') ? member + "1" : member)}) : global::Millrace.ICommand;");
        var first = Pick(["go", "command", "event", "context"]);
        var second = Pick(["order", "query", "cancellationToken", "new", "decided"]);
        Declare(name => $"public static class {name} {{ public static void Handle({command} {Escaped(first)}, "
            + $"{aggregate} {Escaped(second)}) {{ }} }}", isNested: false);
    }

    private string Record(string name)
    {
        var parameters = string.Join(", ", Members(name).Select(member => $"{MemberType()} {Escaped(member)}"));
        var members = string.Concat(Members(name + "2").Take(_random.Next(2)).Select(member =>
            $"public int {Escaped(member)}2 {{ get; init; }} = 2; "));
        return $"public sealed record {name}({parameters}) {{ {members}}}";
    }

    private IEnumerable<string> Members(string type)
    {
        var used = new HashSet<string>(StringComparer.OrdinalIgnoreCase) { type.TrimStart('@') };
        for (var remaining = _random.Next(1, 6); remaining > 0; remaining--)
        {
            if (Pick(MemberNames) is var member && used.Add(member))
                yield return member;
        }
    }

    private string MemberType()
    {
        var type = _random.Next(6) switch
        {
            0 => Pick(["int", "string", "decimal", "global::System.Guid", "bool"]),
            1 => Pick(_ids),
            2 => Pick(_values),
            3 when _shapes.Count > 0 => Pick(_shapes),
            4 when _generic.Count > 0 =>
                $"{Pick(_generic)}<{Pick([.. _ids, .. _shapes, "int", "string", "int[]", "string?"])}>",
            _ => Pick(["int", .. _shapes]),
        };
        return _random.Next(6) switch
        {
            0 => type + "?",
            1 => type + "[]",
            2 => $"global::System.Collections.Generic.List<{type}>",
            3 => $"global::System.Collections.Generic.IReadOnlyList<{type}?>",
            _ => type,
        };
    }

    /// <summary>Declares a type in a random namespace under an unused name and returns its full name.</summary>
    private string Declare(Func<string, string> write, bool isNested = true, int arity = 0)
    {
        while (true)
        {
            var space = Pick(["", .. _namespaces]);
            var around = isNested && _random.Next(4) == 0 ? Pick(TypeNames) : null;
            var name = Pick([.. TypeNames, .. _namespaces.Select(path => path.Split('.')[^1].TrimStart('@'))]);
            var isRoot =
                space.Length == 0 && (around ?? name) is "System" or "Millrace" or "Microsoft" or "Aggregate" or "Tag";
            var prefix = space.Length == 0 ? "global::" : $"global::{space}.";
            if (isRoot || name == around || Refused.Contains(name) || Refused.Contains(around))
                continue;
            // The containing type gets a unique name.
            if (around is not null && !_usedNames.Add(prefix + Escaped(around)))
                continue;
            if (around is null && !_usedNames.Add(prefix + Escaped(name) + (arity > 0 ? "`1" : "")))
                continue;
            _number++;
            var declared = write(Escaped(name));
            if (around is not null)
                declared = $"public static partial class {Escaped(around)} {{ {declared} }}";
            _code.AppendLine(space.Length == 0 ? declared : $"namespace {space} {{ {declared} }}");
            return $"{prefix}{(around is null ? "" : Escaped(around) + ".")}{Escaped(name)}";
        }
    }

    private string Member(string type)
    {
        var member = Pick(MemberNames);
        return Escaped(member == type.TrimStart('@') ? member + "1" : member);
    }

    private string Names(int count) => string.Join(", ", Enumerable.Range(0, count).Select(_ => Pick(MemberNames))
        .Distinct(StringComparer.OrdinalIgnoreCase).Select(Escaped));

    private void Times(int from, int to, Action action)
    {
        for (var remaining = _random.Next(from, to + 1); remaining > 0; remaining--)
            action();
    }

    private string Pick(IReadOnlyList<string> from) => _lastPicked = from[_random.Next(from.Count)];

    private (string Type, string Id) Pick(List<(string Type, string Id)> from) => from[_random.Next(from.Count)];

    // C# allows this prefix for every name.
    private static string Escaped(string name) => "@" + name;
}
