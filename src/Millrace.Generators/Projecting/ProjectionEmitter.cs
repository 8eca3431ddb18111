using System.Globalization;
using Microsoft.CodeAnalysis.Text;
using Millrace.Generators.Business;
using Millrace.Generators.Marks;
using Millrace.Generators.Models;
using Millrace.Generators.Roslyn;

namespace Millrace.Generators.Projecting;

/// <summary>
/// Writes the dispatch of a projection to its <c>Key</c> and <c>Apply</c>, and the registration of all projections.
/// </summary>
internal static class ProjectionEmitter
{
    public static readonly string[] Lifecycles = ["Asynchronous", "Inline", "Live"];

    public static SourceText EmitDispatch(ProjectionModel projection)
    {
        var code = new CodeWriter();
        var access = projection.CanAccessInternals ? "protected internal" : "protected";
        var key = projection.Key;
        code.OpenType(projection.Type)
            .Line("/// <inheritdoc/>")
            .Line($"{access} override void CollectKeys(")
            .Inner("global::Millrace.RecordedEvent recorded,")
            .Inner($"global::System.Collections.Generic.ICollection<{key}> keys)")
            .Open("");
        if (projection.Folds.Count > 0)
            WriteKeys(code, projection);
        code.Close().Line()
            .Line("/// <inheritdoc/>")
            .Line($"{access} override {projection.Document}? Fold(")
            .Inner($"{key} key,")
            .Inner($"{projection.Document}? document,")
            .Inner("global::Millrace.RecordedEvent recorded) =>")
            .Inner("recorded.Data switch")
            .Inner("{");
        foreach (var fold in projection.Folds)
        {
            var first = fold.ApplyTakesKey ? "key, " : "";
            code.Inner(
                $"    {fold.Event} data => {fold.ApplyOwner}Apply({first}document, "
                    + $"data{Recorded(fold.ApplyTakesRecorded)}),"
            );
        }
        return code.Inner("    _ => document,").Inner("};").CloseType(projection.Type).ToSource();
    }

    public static SourceText EmitRegistration(
        TypeDeclaration model, ModelParts parts, IReadOnlyList<MarkedType> marked)
    {
        var code = new CodeWriter();
        code.OpenType(model).Open("private static void RegisterProjections(global::Millrace.ModelBuilder model)");
        foreach (var projection in parts.Projections)
            WriteRegistration(code, projection);
        foreach (var kpi in parts.Kpis)
            KpiEmitter.WriteRegistration(code, kpi);
        MarkEmitter.Write(code, "ProtectReadModel", marked);
        return code.Close().CloseType(model).ToSource();
    }

    private static void WriteKeys(CodeWriter code, ProjectionModel projection)
    {
        code.Open("switch (recorded.Data)");
        foreach (var fold in projection.Folds)
        {
            var call = $"{fold.KeyOwner}Key(data{Recorded(fold.KeyTakesRecorded)})";
            code.Line($"case {fold.Event} data:");
            WriteKeysOf(code, fold, call);
        }
        code.Close();
    }

    /// <summary>
    /// Writes the code that collects the keys of an event. A block limits the scope of a variable to its case.
    /// </summary>
    private static void WriteKeysOf(CodeWriter code, FoldModel fold, string call)
    {
        if (fold.Keys == KeyCount.One)
        {
            code.Inner($"keys.Add({call});").Inner("break;");
            return;
        }
        code.Line("{")
            .Inner(fold.Keys == KeyCount.Many ? $"foreach (var found in {call})" : $"if ({call} is {{ }} found)")
            .Inner("    keys.Add(found);")
            .Inner("break;")
            .Line("}");
    }

    private static void WriteRegistration(CodeWriter code, ProjectionModel projection)
    {
        code.Open(
                $"model.Projection(new global::Millrace.ProjectionDefinition<{projection.Key}, {projection.Document}>")
            .Line($"Name = {projection.Name.Literal()},")
            .Line($"Version = {projection.Version.Literal()},")
            .Line($"Lifecycle = global::Millrace.ProjectionLifecycle.{Lifecycles[projection.Lifecycle]},")
            .Line($"Events = [{string.Join(", ", projection.Folds.Select(fold => $"typeof({fold.Event})"))}],")
            .Line($"Rules = [{string.Join(", ", projection.Folds.Select(fold => fold.Rule.Literal()))}],")
            .Line($"Create = static () => new {projection.Type.FullName}(),")
            .Line($"Document = JsonTypes.Of<{projection.Document}>(),");
        if (projection.Stream.Length > 0)
            code.Line($"Stream = {projection.Stream.Literal()},");
        if (projection.Fields.Count > 0)
        {
            code.Line("Fields =").Line("[");
            foreach (var field in projection.Fields)
            {
                var kind = $"global::Millrace.Storage.FieldKind.{field.Kind}";
                code.Inner($"new({field.Name.Literal()}, {kind}, static document => {field.Value})")
                    .Inner($"    {{ Parse = global::Millrace.Storage.FieldValue.Parse<{field.Type}> }},");
            }
            code.Line("],");
        }
        if (projection.Expiry is { } expiry)
        {
            var seconds = expiry.AfterSeconds.ToString(CultureInfo.InvariantCulture);
            var after = $"global::System.TimeSpan.FromSeconds({seconds}L)";
            code.Line($"Expiry = new global::Millrace.Storage.DocumentExpiry({expiry.Name.Literal()})")
                .Inner($"{{ After = {after} }},");
        }
        if (projection.Indexes.Count > 0)
        {
            code.Line("Indexes =").Line("[");
            foreach (var index in projection.Indexes)
            {
                var names = string.Join(", ", index.Split('\n').Select(name => name.Literal()));
                code.Inner($"global::Millrace.Storage.DocumentIndex.Of({names}),");
            }
            code.Line("],");
        }
        code.Close(");");
    }

    private static string Recorded(bool takes) => takes ? ", recorded" : "";
}
