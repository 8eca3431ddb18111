using Microsoft.CodeAnalysis.Text;
using Millrace.Generators.Roslyn;

namespace Millrace.Generators.Values;

/// <summary>
/// Writes the generated part of an id or a value type: its field, its validation, and its conversions to text and JSON.
/// </summary>
internal static class ValueEmitter
{
    private const string NotNullWhenTrue = "[global::System.Diagnostics.CodeAnalysis.NotNullWhen(true)] ";
    private const string Invariant = "global::System.Globalization.CultureInfo.InvariantCulture";

    public static SourceText Emit(ValueModel model)
    {
        var name = model.Type.Identifier;
        var code = new CodeWriter();
        code.OpenType(
            model.Type,
            $" : global::System.IComparable<{name}>, global::System.ISpanParsable<{name}>, global::Millrace.IKeyText",
            $"[global::System.Text.Json.Serialization.JsonConverter(typeof({model.Type.FullName}.JsonConverter))]");
        WriteState(code, model);
        WriteCreation(code, model);
        WriteText(code, model);
        ValueJsonEmitter.Write(code, model);
        WriteCheck(code, model);
        return code.CloseType(model.Type).ToSource();
    }

    private static void WriteState(CodeWriter code, ValueModel model)
    {
        var type = model.Primitive.CSharp;
        var empty = model switch
        {
            { Primitive.IsReference: true } => "_value is null",
            { NeedsFlag: true } => "!_isGiven",
            _ => "_value == default",
        };
        code.Line($"private readonly {type}{(model.Primitive.IsReference ? "?" : "")} _value;");
        if (model.NeedsFlag)
            code.Line("private readonly bool _isGiven;");
        code.Line().Open($"private {model.Type.Identifier}({type} value, bool isGiven)").Line("_value = value;");
        if (model.NeedsFlag)
            code.Line("_isGiven = isGiven;");
        code.Close().Line()
            .Line("/// <summary>Gets the value.</summary>")
            .Line(
                "/// <exception cref=\"global::System.InvalidOperationException\">This is the default, which has "
                    + "nothing.</exception>"
            )
            .Line($"public {type} Value => {empty}")
            .Inner($"? throw new global::System.InvalidOperationException(\"No {model.Type.Name} was given: the "
                + "default is not a valid value.\")")
            .Inner(": _value;").Line()
            .Line("/// <summary>True for the default, which has no value.</summary>")
            .Line($"public bool IsDefault => {empty};").Line();
    }

    private static void WriteCreation(CodeWriter code, ValueModel model)
    {
        var (name, type) = (model.Type.Identifier, model.Primitive.CSharp);
        if (model.IsId)
        {
            code.Line($"/// <summary>Creates an id.</summary>")
                .Line(
                    "/// <exception cref=\"global::Millrace.InvalidValueException\">The value is empty or violates its "
                        + "rule.</exception>"
                )
                .Line($"public {name}({type} value) => _value = Checked(value);")
                .Line();
            if (model.Primitive.Name == "Guid")
                WriteNew(code, name);
            return;
        }
        code.Line($"/// <summary>Creates a {name}.</summary>")
            .Line(
                "/// <exception cref=\"global::Millrace.InvalidValueException\">The value violates its "
                    + "rule.</exception>"
            )
            .Line($"public static {name} From({type} value) => new(Checked(value), true);")
            .Line()
            .Line($"/// <summary>Creates a {name}. Returns false when the value violates its rule.</summary>")
            .Open($"public static bool TryFrom({InputType(model)} value, out {name} result)")
            .Line(
                $"var isGood = {(model.Primitive.IsReference ? "value is not null && " : "")}ProblemOf(value) is null;")
            .Line($"result = isGood ? new(value{(model.Primitive.IsReference ? "!" : "")}, true) : default;")
            .Line("return isGood;")
            .Close().Line();
    }

    private static void WriteNew(CodeWriter code, string name) =>
        code.Line("/// <summary>Creates an id: a version 7 UUID with the current time.</summary>")
            .Line($"public static {name} New() => new(global::System.Guid.CreateVersion7());")
            .Line()
            .Line("/// <summary>Creates an id: a version 7 UUID with the given time.</summary>")
            .Line(
                $"public static {name} New(global::System.DateTimeOffset time) => "
                    + "new(global::System.Guid.CreateVersion7(time));"
            )
            .Line();

    private static void WriteText(CodeWriter code, ValueModel model)
    {
        var (name, primitive) = (model.Type.Identifier, model.Primitive);
        const string Provider = "global::System.IFormatProvider? provider";
        const string Span = "global::System.ReadOnlySpan<char>";
        code.Line("/// <summary>Parses a text.</summary>")
            .Line("/// <exception cref=\"global::Millrace.InvalidValueException\">The text is not valid.</exception>")
            .Line($"public static {name} Parse(string s, {Provider} = null) => TryParse(s, provider, out var result)")
            .Inner(
                $"? result : throw new global::Millrace.InvalidValueException(\"{model.Type.Name}\", s, "
                    + $"{ParseProblem(model)});"
            )
            .Line()
            .Line("/// <inheritdoc/>")
            .Line($"public static {name} Parse({Span} s, {Provider}) => Parse(s.ToString(), provider);").Line()
            .Line("/// <summary>Parses a text. Returns false when it is not valid.</summary>")
            .Line($"public static bool TryParse({NotNullWhenTrue}string? s, out {name} result) =>")
            .Inner("TryParse(s, null, out result);").Line();
        WriteTryParse(code, model, NotNullWhenTrue + "string? s", "s is not null && ");
        WriteTryParse(code, model, $"{Span} s", "");
        var text = primitive.Name == "String" ? "_value!" : primitive.TextOf("_value");
        code.Line("/// <summary>Compares the values; strings ordinally.</summary>")
            .Line(primitive.Name == "String"
                ? $"public int CompareTo({name} other) => string.CompareOrdinal(_value, other._value);"
                : $"public int CompareTo({name} other) => _value.CompareTo(other._value);").Line()
            .Line("/// <summary>Returns the text of the value, independent of the culture.</summary>")
            .Line($"public override string ToString() => IsDefault ? \"(no {model.Type.Name})\" : {text};").Line()
            .Line("/// <inheritdoc/>")
            .Line("string global::Millrace.IKeyText.ToKeyText() => global::Millrace.KeyText.Of(Value);").Line();
    }

    private static void WriteTryParse(CodeWriter code, ValueModel model, string parameter, string notNull)
    {
        var isSpan = notNull.Length == 0;
        var read = model.Primitive.Name == "String"
            ? isSpan ? "s.ToString() is var value && " : "s is { } value && "
            : $"{notNull}{TryParsePrimitive(model)} && ";
        code.Line("/// <inheritdoc/>")
            .Open(
                $"public static bool TryParse({parameter}, global::System.IFormatProvider? provider, out "
                    + $"{model.Type.Identifier} result)"
            )
            .Open($"if ({read}ProblemOf(value) is null)")
            .Line("result = new(value, true);")
            .Line("return true;")
            .Close()
            .Line("result = default;")
            .Line("return false;")
            .Close().Line();
    }

    private static void WriteCheck(CodeWriter code, ValueModel model)
    {
        var (name, primitive) = (model.Type.Name, model.Primitive);
        var rule = (model.IsId, model.HasProblem, primitive.Name) switch
        {
            (false, true, _) => "Problem(value)",
            (false, false, _) => "null",
            (true, false, "String") => "value.Length == 0 ? \"it is empty\" : null",
            (true, false, _) => "value == default ? \"it is empty\" : null",
            (true, true, "String") => "value.Length == 0 ? \"it is empty\" : Problem(value)",
            (true, true, _) => "value == default ? \"it is empty\" : Problem(value)",
        };
        code.Line($"private static string? ProblemOf({primitive.CSharp} value) => {rule};").Line()
            .Open($"private static {primitive.CSharp} Checked({primitive.CSharp} value)");
        if (primitive.IsReference)
            code.Line("global::System.ArgumentNullException.ThrowIfNull(value);");
        code.Line("return ProblemOf(value) is { } problem")
            .Inner(
                $"? throw new global::Millrace.InvalidValueException(\"{name}\", {primitive.TextOf("value")}, problem)")
            .Inner(": value;")
            .Close();
    }

    private static string InputType(ValueModel model) =>
        model.Primitive.IsReference ? NotNullWhenTrue + model.Primitive.CSharp + "?" : model.Primitive.CSharp;

    /// <summary>
    /// Returns the code that parses the primitive. The text of a time states whether it is UTC. The generated code must
    /// not convert it to local time.
    /// </summary>
    private static string TryParsePrimitive(ValueModel model) =>
        model.Primitive.Name == "DateTime"
            ? $"{model.Primitive.CSharp}.TryParse(s, {Invariant}, "
                + "global::System.Globalization.DateTimeStyles.RoundtripKind, out var value)"
            : $"{model.Primitive.CSharp}.TryParse(s, {Invariant}, out var value)";

    private static string ParseProblem(ValueModel model) => model.Primitive.Name == "String"
        ? "s is null ? \"it is null\" : ProblemOf(s) ?? \"it is not valid\""
        : TryParsePrimitive(model)
            + $" ? ProblemOf(value) ?? \"it is not valid\" : \"it is not the text of a {model.Primitive.Name}\"";
}
