using Microsoft.CodeAnalysis.Text;
using Millrace.Generators.Roslyn;

namespace Millrace.Generators.Business;

/// <summary>Writes the dispatch of a KPI to its <c>Measure</c> methods, and its registration.</summary>
internal static class KpiEmitter
{
    public static readonly string[] Kinds = ["Sum", "Count", "Mean", "Ratio", "Duration"];

    public static SourceText EmitDispatch(KpiModel kpi)
    {
        var code = new CodeWriter();
        code.OpenType(kpi.Type)
            .Line("/// <summary>Adds the values of an event to a list.</summary>")
            .Line("internal static void CollectValues(")
            .Inner("global::Millrace.RecordedEvent recorded,")
            .Inner("global::System.Collections.Generic.ICollection<global::Millrace.KpiValue> values)")
            .Open("")
            .Open("switch (recorded.Data)");
        foreach (var measure in kpi.Measures)
        {
            var call = $"Measure(data{(measure.TakesRecorded ? ", recorded" : "")})";
            code.Line($"case {measure.Event} data:")
                .Line("{")
                .Inner(measure.ReturnsMany ? $"foreach (var value in {call})" : $"if ({call} is {{ }} value)")
                .Inner("    values.Add(value);")
                .Inner("break;")
                .Line("}");
        }
        return code.Close().Close().CloseType(kpi.Type).ToSource();
    }

    public static void WriteRegistration(CodeWriter code, KpiModel kpi)
    {
        code.Open("model.Kpi(new global::Millrace.KpiDefinition")
            .Line($"Name = {kpi.Name.Literal()},")
            .Line($"Version = {kpi.Version.Literal()},")
            .Line($"Kind = global::Millrace.KpiKind.{Kinds[kpi.Kind]},")
            .Line($"Unit = {kpi.Unit.Literal()},")
            .Line($"Description = {kpi.Description.Literal()},")
            .Line($"Dimensions = [{string.Join(", ", kpi.Dimensions.Select(name => name.Literal()))}],")
            .Line($"MaxMembers = {kpi.MaxMembers.Literal()},")
            .Line($"Events = [{string.Join(", ", kpi.Measures.Select(one => $"typeof({one.Event})"))}],")
            .Line($"Rules = [{string.Join(", ", kpi.Measures.Select(one => one.Rule.Literal()))}],")
            .Line($"DeclaringType = typeof({kpi.Type.FullName}),")
            .Line($"Measure = {kpi.Type.FullName}.CollectValues,")
            .Close(");");
    }
}
