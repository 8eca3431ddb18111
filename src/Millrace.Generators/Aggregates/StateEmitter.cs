using System.Globalization;
using Microsoft.CodeAnalysis.Text;
using Millrace.Generators.Deciders;
using Millrace.Generators.Json;
using Millrace.Generators.Roslyn;

namespace Millrace.Generators.Aggregates;

/// <summary>Writes the code that writes the state of an aggregate or a decider as JSON for display.</summary>
internal sealed class StateEmitter
{
    private const string WriterParameter = "global::System.Text.Json.Utf8JsonWriter writer";
    private const string Invariant = "global::System.Globalization.CultureInfo.InvariantCulture";

    private readonly CodeWriter _code = new CodeWriter();
    private int _locals;

    private StateEmitter()
    {
    }

    public static SourceText Emit(AggregateModel aggregate) => new StateEmitter().Write(aggregate);

    public static SourceText Emit(DeciderModel decider, StateNode state) => new StateEmitter().Write(decider, state);

    private SourceText Write(AggregateModel aggregate)
    {
        _code.OpenType(aggregate.Type)
            .Line("/// <inheritdoc/>")
            .Open($"protected override void WriteState({WriterParameter})");
        foreach (var member in aggregate.State)
            WriteMember(member, "this");
        return _code.Close().CloseType(aggregate.Type).ToSource();
    }

    private SourceText Write(DeciderModel decider, StateNode state)
    {
        _code.OpenType(decider.Type).Open($"private static void WriteState({WriterParameter}, {decider.State} state)");
        Write(state, "state");
        return _code.Close().CloseType(decider.Type).ToSource();
    }

    private void WriteMember(StateMember member, string owner)
    {
        _code.Line($"writer.WritePropertyName({member.JsonName.Literal()});");
        Write(member.Node, $"{owner}.{Casing.Escaped(member.Name)}");
    }

    private void Write(StateNode node, string value)
    {
        if (node.MayBeNull)
        {
            var local = Local("value");
            _code.Open($"if ({value} is {{ }} {local})");
            Write(node.Form == StateNodeKind.Nullable ? node.Item! : node with { MayBeNull = false }, local);
            _code.Close().Line("else").Inner("writer.WriteNullValue();");
        }
        else if (node.HasDefault)
        {
            _code.Line($"if ({value}.IsDefault)").Inner("writer.WriteNullValue();").Line("else").Open("");
            Write(node with { HasDefault = false }, value);
            _code.Close();
        }
        else
        {
            WriteValue(node, value);
        }
    }

    private void WriteValue(StateNode node, string value)
    {
        switch (node.Form)
        {
            case StateNodeKind.Primitive:
                _code.Line(JsonCode.WriteValue(node.Primitive!, value) + ";"); // Primitive nodes have a primitive.
                break;
            case StateNodeKind.Wrapper:
                _code.Line(JsonCode.WriteValue(node.Primitive!, value + ".Value") + ";");
                break;
            case StateNodeKind.Enum:
                _code.Line($"writer.WriteStringValue(JsonNamingPolicy.CamelCase.ConvertName({value}.ToString()));");
                break;
            case StateNodeKind.List:
                WriteList(node.Item!, value); // A list has an item.
                break;
            case StateNodeKind.Map:
                WriteMap(node.Item!, value); // A map has an item.
                break;
            case StateNodeKind.Object:
                WriteObject(node.Members, value);
                break;
            case StateNodeKind.Cases:
                WriteCases(node.Cases, value);
                break;
            default:
                _code.Line($"writer.WriteStringValue({value}.ToString());");
                break;
        }
    }

    private void WriteObject(EquatableArray<StateMember> members, string value, string? kind = null)
    {
        _code.Line("writer.WriteStartObject();");
        if (kind is not null)
            _code.Line($"writer.WriteString(\"case\", {kind.Literal()});");
        foreach (var member in members)
            WriteMember(member, value);
        _code.Line("writer.WriteEndObject();");
    }

    /// <summary>Writes a value of an abstract type. A value of an unknown type is written as text.</summary>
    private void WriteCases(EquatableArray<StateCase> cases, string value)
    {
        foreach (var stateCase in cases)
        {
            var local = Local("value");
            _code.Open($"{(stateCase == cases[0] ? "if" : "else if")} ({value} is {stateCase.Type} {local})");
            WriteObject(stateCase.Members, local, stateCase.JsonName);
            _code.Close();
        }
        _code.Line("else").Inner($"writer.WriteStringValue({value}.ToString());");
    }

    private void WriteList(StateNode item, string value)
    {
        var element = Local("item");
        _code.Line("writer.WriteStartArray();").Open($"foreach (var {element} in {value})");
        Write(item, element);
        _code.Close().Line("writer.WriteEndArray();");
    }

    private void WriteMap(StateNode item, string value)
    {
        var element = Local("pair");
        _code.Line("writer.WriteStartObject();").Open($"foreach (var {element} in {value})")
            .Line($"writer.WritePropertyName(global::System.Convert.ToString({element}.Key, {Invariant}) ?? \"\");");
        Write(item, element + ".Value");
        _code.Close().Line("writer.WriteEndObject();");
    }

    /// <summary>
    /// Returns a unique name for a local, because a pattern variable is still in scope after its statement.
    /// </summary>
    private string Local(string name) => name + (++_locals).ToString(CultureInfo.InvariantCulture);
}
