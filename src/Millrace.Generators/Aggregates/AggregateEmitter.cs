using Microsoft.CodeAnalysis.Text;
using Millrace.Generators.Deciders;
using Millrace.Generators.Roslyn;

namespace Millrace.Generators.Aggregates;

/// <summary>
/// Writes the dispatch of an aggregate to its <c>When</c> methods, and the registration of all aggregates and deciders.
/// </summary>
internal static class AggregateEmitter
{
    public static SourceText EmitDispatch(AggregateModel aggregate)
    {
        var code = new CodeWriter();
        code.OpenType(aggregate.Type)
            .Line("/// <inheritdoc/>")
            .Open("protected override void Evolve(object @event)");
        if (aggregate.CallsBase)
            code.Line("base.Evolve(@event);");
        if (aggregate.Events.Count > 0)
            WriteSwitch(code, aggregate.Events);
        return code.Close().CloseType(aggregate.Type).ToSource();
    }

    public static SourceText EmitRegistration(
        TypeDeclaration model, EquatableArray<AggregateModel> aggregates, EquatableArray<DeciderModel> deciders)
    {
        var code = new CodeWriter();
        code.OpenType(model).Open("private static void RegisterAggregates(global::Millrace.ModelBuilder model)");
        foreach (var aggregate in aggregates)
            WriteRegistration(code, aggregate);
        foreach (var decider in deciders)
            code.Line($"model.Decider({decider.Type.FullName}.Decider);");
        return code.Close().CloseType(model).ToSource();
    }

    private static void WriteSwitch(CodeWriter code, EquatableArray<string> events)
    {
        code.Open("switch (@event)");
        foreach (var type in events)
        {
            code.Line($"case {type} data:");
            code.Inner("When(data);").Inner("break;");
        }
        code.Close();
    }

    private static void WriteRegistration(CodeWriter code, AggregateModel aggregate)
    {
        var type = aggregate.Type.FullName;
        var definition = $"global::Millrace.AggregateDefinition<{type}, {aggregate.Id}>";
        var creation = $"new {definition}({aggregate.Category.Literal()}, static () => new {type}())";
        var settings = new List<string>();
        if (aggregate.ParseId is { } parse)
            settings.Add($"ParseId = {parse},");
        if (aggregate.Snapshot is { } snapshot)
        {
            var arguments =
                $"{snapshot.Version.Literal()}, {snapshot.Every.Literal()}, JsonTypes.Of<{snapshot.State}>()";
            settings.Add($"Snapshot = new global::Millrace.AggregateSnapshot<{type}, {snapshot.State}>({arguments}),");
        }
        code.Line($"model.Aggregate({creation}{(settings.Count == 0 ? ");" : "")}");
        if (settings.Count == 0)
            return;
        code.Line("{");
        foreach (var setting in settings)
            code.Inner(setting);
        code.Line("});");
    }
}
