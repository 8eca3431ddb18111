using Millrace.Generators.Json;
using Millrace.Generators.Roslyn;

namespace Millrace.Generators.Cbor;

/// <summary>Writes statements for CBOR values and members.</summary>
internal sealed class CborCode(JsonNames names)
{
    /// <summary>Gets the code for values.</summary>
    public ValueCode Values { get; } =
        new(
            names,
            new FormatSyntax(
                "CborRead",
                "ReadCbor",
                "CborRead.KeyText(ref reader)",
                "ref writer",
                "writer.WriteNull()",
                names.CborOf,
                WriteValue));

    /// <summary>
    /// Writes the statements that write the name and the value of a member. They omit a null member and do not count
    /// it.
    /// </summary>
    public void WriteMember(CodeWriter code, JsonMember member, int index, string owner)
    {
        var (type, value) = (member.Type, "value." + Casing.Escaped(member.Name));
        var name = $"writer.WriteName(Names, {index.Literal()});";
        if (member.LeavesOutDefault)
        {
            code.Open($"if (!JsonWrite.IsDefault({value}))")
                .Line(name)
                .Line(Values.Statement(type, value, member.JsonName, owner) + ";")
                .Line("written++;")
                .Close();
            return;
        }
        if (!type.AllowsNull)
        {
            var checkedValue = ValueCode.NotNull(type, value, member.JsonName, owner);
            code.Line(name).Line(Values.Statement(type, checkedValue, member.JsonName, owner) + ";");
            return;
        }
        var local = member.Name + "Given"; // Two members may differ only in case, so the case is unchanged.
        code.Open($"if ({value} is {{ }} {local})")
            .Line(name)
            .Line(Values.Statement(ValueCode.Given(type), local, member.JsonName, owner) + ";")
            .Line("written++;")
            .Close();
        if (member.WritesNull)
            code.Open("else").Line(name).Line("writer.WriteNull();").Line("written++;").Close();
    }

    private static string WriteValue(Primitive primitive, string value) =>
        primitive.Name switch
        {
            "String" => $"writer.WriteText({value})",
            "Boolean" => $"writer.WriteBoolean({value})",
            "Bytes" => $"writer.WriteBytes({value})",
            "SByte" or "Byte" or "Int16" or "UInt16" or "Int32" or "UInt32" or "Int64" or "UInt64" =>
                $"writer.WriteWhole({value})",
            _ => $"CborWrite.{primitive.Name}(ref writer, {value})",
        };
}
