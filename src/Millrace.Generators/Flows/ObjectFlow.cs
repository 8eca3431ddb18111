using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Millrace.Generators.Roslyn;

namespace Millrace.Generators.Flows;

/// <summary>
/// Follows data into the members of a new object, through its constructor and its member initializers.
/// </summary>
internal sealed class ObjectFlow(FlowReader reader)
{
    /// <returns>The flow of the object, or null if the use of the arguments is unknown.</returns>
    public Flow? Make(IMethodSymbol constructor, IReadOnlyDictionary<ISymbol, Flow> flows)
    {
        var definition = constructor.OriginalDefinition;
        var arguments = constructor.Parameters.ToDictionary(
            parameter => parameter.Name, parameter => flows[parameter], StringComparer.Ordinal);
        return constructor.ContainingType.DeclaringSyntaxReferences.IsEmpty
            ? ByName(constructor, arguments)
            : InSource(definition, arguments);
    }

    /// <summary>
    /// Matches the parameters of a constructor with members by name, as serializers do. This applies to types of other
    /// assemblies, whose source is not available.
    /// </summary>
    private static Flow? ByName(IMethodSymbol constructor, Dictionary<string, Flow> arguments)
    {
        var properties = constructor.ContainingType.ReadableProperties().Select(property => property.Name)
            .ToDictionary(name => name, StringComparer.OrdinalIgnoreCase);
        return constructor.Parameters.Length > 0 && arguments.Keys.All(properties.ContainsKey)
            ? Flow.OfMembers(
                arguments.Select(argument => new KeyValuePair<string, Flow>(properties[argument.Key], argument.Value)))
            : null;
    }

    private Flow InSource(IMethodSymbol constructor, Dictionary<string, Flow> arguments)
    {
        var frame = new FlowFrame(Flow.Nothing);
        foreach (var parameter in constructor.Parameters)
            frame.Locals = frame.Locals.SetItem(parameter, arguments[parameter.Name]);
        var code = constructor.DeclaringSyntaxReferences.Select(reference => reference.GetSyntax()).FirstOrDefault();
        if (code is TypeDeclarationSyntax { ParameterList: not null } primary)
        {
            var baseCall = primary.BaseList?.Types.FirstOrDefault() as PrimaryConstructorBaseTypeSyntax;
            var baseConstructor = baseCall is null ? null : reader.SymbolOf(baseCall) as IMethodSymbol;
            AddFromConstructor(baseCall?.ArgumentList, baseConstructor, frame);
            foreach (var argument in arguments)
                // The frame has an instance from its start.
                frame.This = frame.This!.With(argument.Key, argument.Value);
        }
        else if (code is ConstructorDeclarationSyntax { Initializer: { } initializer })
            AddFromConstructor(initializer.ArgumentList, reader.SymbolOf(initializer) as IMethodSymbol, frame);
        SetInitial(constructor.ContainingType, frame);
        if (code is ConstructorDeclarationSyntax)
            reader.Run(constructor, frame);
        return frame.This!; // The frame has an instance.
    }

    /// <summary>Adds the members that another constructor sets.</summary>
    private void AddFromConstructor(ArgumentListSyntax? list, IMethodSymbol? constructor, FlowFrame frame)
    {
        if (list is null || constructor is null)
            return;
        var flows = new Dictionary<ISymbol, Flow>(SymbolEqualityComparer.Default);
        foreach (var parameter in constructor.Parameters)
        {
            var argument =
                list.Arguments.FirstOrDefault(found => found.NameColon?.Name.Identifier.ValueText == parameter.Name)
                ?? list.Arguments.ElementAtOrDefault(parameter.Ordinal);
            flows[parameter] = argument is null ? Flow.Nothing : reader.Expressions.Of(argument.Expression, frame);
        }
        foreach (var member in Make(constructor, flows)?.Members ?? ImmutableDictionary<string, Flow>.Empty)
            frame.This = frame.This!.With(member.Key, member.Value); // The frame has an instance.
    }

    /// <summary>Adds the members that have an initializer.</summary>
    private void SetInitial(INamedTypeSymbol type, FlowFrame frame)
    {
        foreach (var property in type.GetMembers().OfType<IPropertySymbol>().Where(property => !property.IsStatic))
        {
            var declared = property.DeclaringSyntaxReferences.Select(reference => reference.GetSyntax())
                .OfType<PropertyDeclarationSyntax>();
            if (declared.Select(found => found.Initializer).FirstOrDefault(found => found is not null) is { } initial)
                // The frame has an instance.
                frame.This = frame.This!.With(property.Name, reader.Expressions.Of(initial.Value, frame));
        }
    }
}
