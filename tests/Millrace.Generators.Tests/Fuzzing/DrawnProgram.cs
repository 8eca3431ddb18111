using System.Text;

namespace Millrace.Generators.Tests.Fuzzing;

/// <summary>
/// A random legal program. It contains events, commands, queries, documents, snapshots and processes, with members of
/// all shapes, types and attributes.
/// </summary>
internal sealed class DrawnProgram
{
    private const string Prelude = """
        using System.Collections.Immutable;
        using System.Diagnostics.CodeAnalysis;
        using System.Text.Json;
        using System.Text.Json.Serialization;
        #pragma warning disable

        public sealed class NumberText : JsonConverter<int>
        {
            public override int Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) =>
                int.Parse(reader.GetString()!.Substring(1), System.Globalization.CultureInfo.InvariantCulture);

            public override void Write(Utf8JsonWriter writer, int value, JsonSerializerOptions options) =>
                writer.WriteStringValue("n" + value.ToString(System.Globalization.CultureInfo.InvariantCulture));
        }

        [JsonConverter(typeof(TemperatureConverter))] public sealed record Temperature(int Degrees);

        public sealed class TemperatureConverter : JsonConverter<Temperature>
        {
            public override Temperature Read(ref Utf8JsonReader reader, Type type, JsonSerializerOptions options) =>
                new(reader.GetInt32());

            public override void Write(Utf8JsonWriter writer, Temperature value, JsonSerializerOptions options) =>
                writer.WriteNumberValue(value.Degrees);
        }

        // The random declarations:

        """;

    private static readonly string[] Integers = ["sbyte", "byte", "short", "ushort", "int", "uint", "long", "ulong"];

    private readonly SeededRandom _random;
    private readonly TypeDrawing _types;
    private readonly MemberDrawing _members;
    private readonly ShapeDrawing _shapes;
    private readonly string _access;
    private readonly StringBuilder _code = new(Prelude);

    public DrawnProgram(int seed)
    {
        _random = new SeededRandom(seed);
        MayBeRefused = _random.Next(8) == 0;
        _access = _random.Is(80) ? "public" : "internal";
        _types = new TypeDrawing(_random, MayBeRefused);
        _members = new MemberDrawing(_random, _types, MayBeRefused);
        _shapes = new ShapeDrawing(_random, _members, _access);
        Times(1, 2, AddEnum);
        Times(1, 2, AddValue);
        Times(0, 2, AddGeneric);
        Times(0, 2, () => Write(_shapes.DrawBase(NewName("Base"))));
        Times(1, 4, AddShape);
        Times(0, 1, () => _types.Add(new(AddUnion("", ""), false)));
        Times(0, 2, AddShape);
        Times(1, 2, AddEvent);
        Times(0, 1, () => AddUnionOf(_random.Is(50)));
        Times(0, 2, () => AddMessage("Command"));
        Times(0, 1, () => AddMessage("Query"));
        Times(0, 1, AddProjection);
        Times(0, 1, AddAggregate);
        Times(0, 1, AddProcess);
    }

    /// <summary>Gets whether the program may contain code that the generator refuses.</summary>
    public bool MayBeRefused { get; }

    public string Code => _code.ToString();

    /// <summary>Gets the metadata names of the events.</summary>
    public List<string> Events { get; } = [];

    /// <summary>Gets the names of the commands, queries, documents and states. They are written only as JSON.</summary>
    public List<string> Others { get; } = [];

    /// <summary>
    /// Gets the names of the classes whose <c>Handle</c> method returns an answer or whose <c>TakeSnapshot</c> method
    /// returns a state.
    /// </summary>
    public List<string> ResultTypes { get; } = [];

    private void AddEnum()
    {
        var name = NewName("Enum");
        var isFlags = _random.Is(30);
        var names = _random
            .Shuffled(["Red", "GREEN", "@class", "blue", "X_1", "Größe"])
            .Take(2 + _random.Next(3))
            .ToList();
        var values = names
            .Select(
                (value, index) =>
                {
                    var text = _random.Pick("a b", "ü", "x-y", "\\\"") + _members.Number();
                    var attribute = _random.Is(15) ? $"[JsonStringEnumMemberName(\"{text}\")] " : "";
                    var mark = _random.Is(5) ? "[Obsolete] " : "";
                    var number = isFlags ? $" = {1 << index}" : _random.Is(20) ? $" = {10 + index}" : "";
                    return $"{attribute}{mark}{value}{number}";
                }
            )
            .ToList();
        if (_random.Is(15))
            values.Add($"Alias = {names[0]}");
        var number = _random.Is(40) ? " : " + _random.Pick(Integers) : "";
        Write($"{(isFlags ? "[Flags] " : "")}{_access} enum {name}{number} {{ {string.Join(", ", values)} }}");
        _types.Add(new(name, true)
        {
            IsKey = true,
            IsOrdered = true,
            Constant = $"{name}.{names[1]}",
            Initial = $"{name}.{names[0]}",
        });
    }

    private void AddValue()
    {
        var name = NewName("Value");
        if (_random.Is(40))
        {
            Write(
                $"[Id<{_random.Pick("Guid", "string", "int", "long")}>] {_access} readonly "
                    + $"partial record struct {name};"
            );
        }
        else
        {
            var underlying = _random.Pick([
                "string",
                "decimal",
                "Guid",
                "DateOnly",
                "DateTime",
                "DateTimeOffset",
                "TimeSpan",
                "double",
                .. Integers,
            ]);
            Write(
                $"[Value<{underlying}>] {_access} readonly partial record struct {name} "
                    + $"{{ private static string? Problem({underlying} value) => null; }}");
        }
        _types.Add(new(name, true) { IsKey = true, IsOrdered = true });
    }

    private void AddGeneric()
    {
        var (name, constraint) = (NewName("Box"), _random.Pick("", "", "struct", "class", "notnull"));
        var code = _shapes.DrawGeneric(name, constraint);
        Write(code);
        _types.AddGeneric(argument => $"{name}<{argument}>", constraint);
    }

    private void AddShape()
    {
        var name = NewName("Shape");
        var outer = _random.Is(15) ? NewName("Outer") : null;
        var code = _shapes.Draw(name);
        Write(outer is null ? WithoutNullableContext(code) : $"{_access} static partial class {outer} {{ {code} }}");
        _types.Add(new(outer is null ? name : $"{outer}.{name}", IsStruct(code)));
    }

    private string AddUnion(string attributes, string baseList)
    {
        var (name, kind) = (
            NewName("Union"),
            attributes.Length > 0 ? "record" : _random.Pick("abstract record", "interface", "record"));
        var marks = _random.Is(30)
            ? $"[JsonPolymorphic(TypeDiscriminatorPropertyName = \"kind{_members.Number()}\")] "
            : "";
        var variants = new List<string>();
        for (var remaining = 1 + _random.Next(3); remaining > 0; remaining--)
        {
            var variant = NewName("Variant");
            var mark = _random.Is(70) ? $"\"{variant} {_random.Pick("", "ü", "\\\"")}\"" : _members.Number();
            marks += $"[JsonDerivedType(typeof({variant}), {mark})] ";
            var keyword =
                kind == "interface" ? _random.Pick("sealed record", "readonly record struct") : "sealed record";
            var positional = _members.Several(keyword.EndsWith("struct", StringComparison.Ordinal) ? 1 : 0, 3);
            variants.Add($"{_access} {keyword} {variant}({_members.Positional(positional)}) : {name};");
        }
        if (kind == "record" && _random.Is(50))
            marks += $"[JsonDerivedType(typeof({name}), \"self\")] ";
        var body = kind == "interface" ? "" : string.Concat(_members.Several(0, 1)
            .Select(member => _members.Property(member, isStruct: false, mayInitialize: true)));
        Write($"{attributes}{marks}{_access} {kind} {name}{baseList} {{ {body} }}");
        variants.ForEach(Write);
        return name;
    }

    private void AddEvent()
    {
        var name = NewName("Event");
        var format = _random.Is(20) ? ", Format = EventFormat.Cbor" : "";
        Write(
            WithoutNullableContext(_shapes.Draw(name, $"[Event(\"event.{_members.Number()}\"{format})] ", mark: "Tag"))
        );
        Events.Add(name);
    }

    private void AddUnionOf(bool isEvent)
    {
        if (isEvent)
        {
            Events.Add(AddUnion($"[Event(\"event.{_members.Number()}\")] ", ""));
            return;
        }
        var name = AddUnion("", " : ICommand");
        Write($"{_access} static class {NewName("Handlers")} {{ public static void Handle({name} message) {{ }} }}");
        Others.Add(name);
    }

    private void AddMessage(string kind)
    {
        var (name, answer) = (NewName(kind), kind == "Command" && _random.Is(30) ? null : _types.Draw().Name);
        var mark = _random.Is(50) ? $"[MessageName(\"message.{_members.Number()}\")] " : "";
        Write(WithoutNullableContext(_shapes.Draw(name, mark, answer is null ? "ICommand" : $"I{kind}<{answer}>")));
        var handlers = NewName("Handlers");
        Write($"{_access} static class {handlers} {{ "
            + $"public static {answer ?? "void"} Handle({name} message) => throw new Exception(); }}");
        Others.Add(name);
        if (answer is not null)
            ResultTypes.Add(handlers);
    }

    private void AddProjection()
    {
        var (name, key) = (NewName("Document"), _random.Pick("Guid", "string", "int", "long", "DateOnly"));
        string code;
        do
        {
            code = _shapes.Draw(name, mark: "Indexed");
        }
        while (IsStruct(code));
        Write(WithoutNullableContext(code));
        var (type, projection) = (_random.Pick(Events), NewName("Projection"));
        Write($"[Projection(\"projection-{_members.Number()}\")] {_access} sealed partial class {projection} : "
            + $"Projection<{key}, {name}> {{ public static {key} Key({type} e) => default!; "
            + $"public static {name}? Apply({name}? document, {type} e) => document; }}");
        Others.Add(name);
    }

    private void AddAggregate()
    {
        var (name, state) = (NewName("Aggregate"), _types.Draw().Name);
        Write(
            $"[Stream(\"stream{_members.Number()}\"), Snapshot] {_access} sealed partial class {name} : "
                + $"Aggregate<{_random.Pick("Guid", "string", "int")}>, ISnapshotable<{state}> {{ private {state} "
                + $"_state = default!; "
                + $"private void When({_random.Pick(Events)} e) {{ }} public {state} TakeSnapshot() => _state; "
                + $"public void Restore({state} state) => _state = state; }}");
        ResultTypes.Add(name);
    }

    private void AddProcess()
    {
        var (name, state) = (NewName("Process"), _types.Draw().Name);
        Write($"[Process(\"process-{_members.Number()}\")] {_access} sealed partial class {name} : Process<Guid> {{ "
            + "protected override void Define(ProcessBuilder<Guid> process) => process"
            + $".StartOn<{_random.Pick(Events)}>(e => Guid.Empty)"
            + $".Step<{state}>(\"first\", id => default!); }}");
    }

    private string WithoutNullableContext(string code) =>
        _random.Is(5) ? $"#nullable disable\n{code}\n#nullable restore" : code;

    private static bool IsStruct(string code) => code.Split('{', '(')[0].Contains("struct", StringComparison.Ordinal);

    private string NewName(string kind) => kind + _members.Number();

    private void Write(string code) => _code.AppendLine(code);

    private void Times(int from, int to, Action action)
    {
        for (var remaining = from + _random.Next(to - from + 1); remaining > 0; remaining--)
            action();
    }
}
