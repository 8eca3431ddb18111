using Microsoft.CodeAnalysis;
using Millrace.Generators.Analyzers;
using Millrace.Generators.Descriptions;
using Millrace.Generators.Roslyn;

namespace Millrace.Generators.Flows;

/// <summary>
/// Describes which members of an event a projection uses to compute each field of its documents, or a business figure
/// its values.
/// </summary>
internal sealed class FoldDescriber(FlowReader reader, ModelTypes types, JsonText json)
{
    /// <summary>
    /// Returns the <c>Apply</c> methods of a projection, or the <c>Measure</c> methods of a business figure. The
    /// analysis does not support a hand-written <c>Fold</c>.
    /// </summary>
    public static IEnumerable<IMethodSymbol> FoldsOf(INamedTypeSymbol type, ModelTypes types) =>
        type.GetMembers(types.IsKpi(type) ? "Measure" : "Apply").OfType<IMethodSymbol>()
            .Where(method => EventOf(method, types) is not null);

    public void Describe(IMethodSymbol fold)
    {
        if (types.IsKpi(fold.ContainingType))
            DescribeMeasure(fold);
        else
            DescribeApply(fold);
    }

    private void DescribeApply(IMethodSymbol apply)
    {
        var eventType = EventOf(apply, types)!; // FoldsOf returns only methods with an event.
        var key = KeyOf(apply.ContainingType, eventType);
        var document = apply.ReturnType;
        reader.Restart();
        var frame = new FlowFrame(null);
        var parameters = apply.Parameters.Where(parameter => !parameter.Type.Is(MetadataNames.RecordedEvent)).ToList();
        frame.Locals = frame.Locals.SetItem(parameters[parameters.Count - 1], Flow.Of(FlowRoot.Event))
            .SetItem(parameters[parameters.Count - 2], Flow.Of(FlowRoot.Document));
        if (parameters.Count == 3)
            frame.Locals = frame.Locals.SetItem(parameters[0], Flow.Of(FlowRoot.Key));
        var result = reader.Run(apply, frame) ?? Flow.Mixed([Flow.Of(FlowRoot.Event)]);
        var names = Names(eventType);
        json.Text("projection", apply.ContainingType.DefinitionName())
            .Text("event", eventType.DefinitionName())
            .Texts("key", MembersIn(key.Sources, names))
            .Flag("removes", result.MayBeNull)
            .Texts("removesBy", result.MayBeNull ? MembersIn(result.Conditions, names) : [])
            .Flag("isUnknown", IsFromExternalCode(result) || ContainsWholeEvent(key.Sources))
            .Texts(
                "unknown",
                IsFromExternalCode(result) ? MembersIn(result.Values.Union(result.Conditions), names) : [])
            .Each("fields", Fields(document, result), field => Write(field, names));
    }

    private void DescribeMeasure(IMethodSymbol measure)
    {
        var eventType = EventOf(measure, types)!; // FoldsOf returns only methods with an event.
        var names = Names(eventType);
        json.Text("projection", measure.ContainingType.DefinitionName())
            .Text("event", eventType.DefinitionName())
            .Each("fields", [RunWithEvent(measure)], result =>
            {
                var values = MembersIn(result.AllValues, names);
                json.Texts("values", values)
                    .Texts("conditions", MembersIn(result.AllConditions, names).Except(values))
                    .Flag("isUnknown", ContainsWholeEvent(result.Sources));
            });
    }

    private static ITypeSymbol? EventOf(IMethodSymbol method, ModelTypes types)
    {
        var parameters = method.Parameters.Where(parameter => !parameter.Type.Is(MetadataNames.RecordedEvent)).ToList();
        var last = parameters.LastOrDefault()?.Type;
        var isComplete = types.IsKpi(method.ContainingType) ? parameters.Count == 1 : parameters.Count is 2 or 3;
        return isComplete && types.IsEvent(last) ? last : null;
    }

    private Flow KeyOf(INamedTypeSymbol projection, ITypeSymbol eventType)
    {
        var method = projection.GetMembers("Key").OfType<IMethodSymbol>().FirstOrDefault(key =>
            key.Parameters.Length > 0 && SymbolEqualityComparer.Default.Equals(key.Parameters[0].Type, eventType));
        return method is null ? Flow.Nothing : RunWithEvent(method);
    }

    /// <summary>Returns the flow of the result of a method whose first parameter is the event.</summary>
    private Flow RunWithEvent(IMethodSymbol method)
    {
        reader.Restart();
        var frame = new FlowFrame(null);
        frame.Locals = frame.Locals.SetItem(method.Parameters[0], Flow.Of(FlowRoot.Event));
        return reader.Run(method, frame) ?? Flow.Of(FlowRoot.Event);
    }

    /// <summary>
    /// Returns true if external code creates the document. The sources of its fields are then unknown.
    /// </summary>
    private static bool IsFromExternalCode(Flow result) =>
        result.IsOpaque || result.Values.Any(source => source.Root != FlowRoot.Document || source.Member is not null);

    private static bool ContainsWholeEvent(IEnumerable<FlowSource> sources) =>
        sources.Contains(new(FlowRoot.Event, null));

    private static Dictionary<string, string> Names(ITypeSymbol type) => type.ReadableProperties()
        .Where(property => property.Name != "EqualityContract" && property.Attribute(MetadataNames.JsonIgnore) is null)
        .ToDictionary(property => property.Name, NameOf, StringComparer.Ordinal);

    private static string NameOf(IPropertySymbol property) =>
        property.Attribute(MetadataNames.JsonPropertyName).Text() ?? Casing.Camel(property.Name);

    /// <summary>Returns the stored names of the sources that are members of the event, in declaration order.</summary>
    private static List<string> MembersIn(IEnumerable<FlowSource> sources, Dictionary<string, string> names)
    {
        var members = new HashSet<string>(
            sources.Where(source => source.Root == FlowRoot.Event).Select(source => source.Member).OfType<string>(),
            StringComparer.Ordinal);
        return [.. names.Where(name => members.Contains(name.Key)).Select(name => name.Value)];
    }

    /// <summary>Returns the fields that the result changes.</summary>
    private IEnumerable<(string Name, Flow Flow)> Fields(ITypeSymbol document, Flow result)
    {
        if (ReferenceEquals(result, Flow.Null))
            yield break;
        var (previous, isFromExternalCode) = (Flow.Of(FlowRoot.Document), IsFromExternalCode(result));
        foreach (var property in document.ReadableProperties().Where(property => property.Name != "EqualityContract"))
        {
            reader.Restart();
            var flow = reader.Expressions.MemberOf(result, property, property.Name);
            var isUnchanged = Same(flow, reader.Expressions.MemberOf(previous, property, property.Name), result);
            if (!isUnchanged && (!isFromExternalCode || result.Members.ContainsKey(property.Name)))
                yield return (NameOf(property), flow);
        }
    }

    private static bool Same(Flow after, Flow previous, Flow result) => after.AllValues.SetEquals(previous.AllValues)
        && after.IsOpaque == previous.IsOpaque
        && after.AllConditions.All(source => source.Root == FlowRoot.Document || result.Conditions.Contains(source));

    private void Write((string Name, Flow Flow) field, Dictionary<string, string> names)
    {
        var (values, sources) = (MembersIn(field.Flow.AllValues, names), field.Flow.Sources);
        json.Text("name", field.Name)
            .Texts("values", values)
            .Texts("conditions", MembersIn(field.Flow.AllConditions, names).Except(values))
            .Flag("isKey", field.Flow.AllValues.Contains(new(FlowRoot.Key, null)))
            .Flag("isUnknown", ContainsWholeEvent(sources));
    }
}
