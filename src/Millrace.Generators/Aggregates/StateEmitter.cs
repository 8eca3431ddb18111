using System.Globalization;
using Microsoft.CodeAnalysis.Text;

namespace Millrace.Generators;

/// <summary>Writes what tells the state of an aggregate as JSON, for people who look at it.</summary>
internal sealed class StateEmitter
{
    private const string Writer = "global::System.Text.Json.Utf8JsonWriter writer";
    private const string Invariant = "global::System.Globalization.CultureInfo.InvariantCulture";

    private readonly CodeWriter _code = CodeWriter.ForJson();
    private int _locals;

    private StateEmitter()
    {
    }

    public static SourceText Emit(AggregateModel aggregate) => new StateEmitter().Write(aggregate);

    private SourceText Write(AggregateModel aggregate)
    {
        _code.Line("#pragma warning disable CS0612, CS0618 // What is obsolete is told too.").Line()
            .OpenType(aggregate.Type)
            .Line("/// <inheritdoc/>")
            .Open($"protected override void WriteState({Writer})");
        foreach (var member in aggregate.State)
            WriteMember(member, "this");
        return _code.Close().CloseType(aggregate.Type).ToSource();
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
            Write(node.Form == StateForm.Nullable ? node.Item! : node with { MayBeNull = false }, local);
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
            case StateForm.Primitive:
                _code.Line(JsonCode.WriteValue(node.Primitive!, value) + ";"); // A primitive has one.
                break;
            case StateForm.Wrapper:
                _code.Line(JsonCode.WriteValue(node.Primitive!, value + ".Value") + ";"); // So has what wraps it.
                break;
            case StateForm.Enum:
                _code.Line($"writer.WriteStringValue(JsonNamingPolicy.CamelCase.ConvertName({value}.ToString()));");
                break;
            case StateForm.List:
                WriteList(node.Item!, value); // A list is of something.
                break;
            case StateForm.Map:
                WriteMap(node.Item!, value); // So is a map.
                break;
            case StateForm.Object:
                _code.Line("writer.WriteStartObject();");
                foreach (var member in node.Members)
                    WriteMember(member, value);
                _code.Line("writer.WriteEndObject();");
                break;
            default:
                _code.Line($"writer.WriteStringValue({value}.ToString());");
                break;
        }
    }

    private void WriteList(StateNode item, string value)
    {
        var each = Local("item");
        _code.Line("writer.WriteStartArray();").Open($"foreach (var {each} in {value})");
        Write(item, each);
        _code.Close().Line("writer.WriteEndArray();");
    }

    private void WriteMap(StateNode item, string value)
    {
        var each = Local("pair");
        _code.Line("writer.WriteStartObject();").Open($"foreach (var {each} in {value})")
            .Line($"writer.WritePropertyName(global::System.Convert.ToString({each}.Key, {Invariant}) ?? \"\");");
        Write(item, each + ".Value");
        _code.Close().Line("writer.WriteEndObject();");
    }

    /// <summary>A name that no other local has: what a pattern finds is seen behind its statement too.</summary>
    private string Local(string name) => name + (++_locals).ToString(CultureInfo.InvariantCulture);
}
