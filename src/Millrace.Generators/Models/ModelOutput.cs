using Microsoft.CodeAnalysis;
using Millrace.Generators.Aggregates;
using Millrace.Generators.Cbor;
using Millrace.Generators.Contracts;
using Millrace.Generators.Events;
using Millrace.Generators.Handlers;
using Millrace.Generators.Json;
using Millrace.Generators.Marks;
using Millrace.Generators.ProcessManagers;
using Millrace.Generators.Projecting;
using Millrace.Generators.Roslyn;

namespace Millrace.Generators.Models;

/// <summary>Writes the files of a model: one file for each concern and one for each converter.</summary>
internal static class ModelOutput
{
    public static void Emit(
        SourceProductionContext output,
        TypeDeclaration? model,
        ModelParts parts,
        string? contract,
        EquatableArray<string> shared)
    {
        if (model is not null)
            GeneratorResult.Write(
                output,
                model.Name,
                () => Emit(output, model, parts, contract, concern => model.FileName(concern, shared)));
    }

    public static void EmitAssembly(
        SourceProductionContext output, TypeDeclaration? model, EquatableArray<string> shared)
    {
        if (model is not null)
            output.AddSource(model.FileName("Assembly", shared), ModelEmitter.EmitAssembly(model));
    }

    public static void EmitConverter(
        SourceProductionContext output, TypeDeclaration? model, JsonShape shape, EquatableArray<string> shared)
    {
        if (model is null)
            return;
        GeneratorResult.Write(
            output,
            JsonEmitter.Label(shape.Type.Name),
            () =>
            {
                var emitter = new JsonEmitter(model);
                output.AddSource(
                    model.FileName("Json." + emitter.ConverterOf(shape.Type), shared), emitter.Emit(model, shape));
            }
        );
    }

    public static void EmitCbor(
        SourceProductionContext output, TypeDeclaration? model, JsonShape shape, EquatableArray<string> shared)
    {
        if (model is null)
            return;
        GeneratorResult.Write(output, JsonEmitter.Label(shape.Type.Name), () =>
        {
            var emitter = new CborEmitter(model);
            output.AddSource(model.FileName("Cbor." + emitter.NameOf(shape.Type), shared), emitter.Emit(model, shape));
        });
    }

    private static void Emit(
        SourceProductionContext output,
        TypeDeclaration model,
        ModelParts parts,
        string? contract,
        Func<string, string> fileName)
    {
        // Duplicate handlers are an error. With one of them, the generated code compiles.
        var handlers = parts
            .Handlers.GroupBy(handler => handler.Message, StringComparer.Ordinal)
            .OrderBy(group => group.Key, StringComparer.Ordinal)
            .Select(group => group.First())
            .ToLookup(handler => handler.IsQuery);
        var marks = MarkResolver.Resolve(parts);
        output.AddSource(fileName("Model"), ModelEmitter.EmitRegister(model, parts.Processes.Count > 0));
        output.AddSource(
            fileName("Events"),
            EventEmitter.Emit(model, parts, ContractCheck.Accepted(parts, contract).Write(), marks.Events));
        output.AddSource(
            fileName("Aggregates"), AggregateEmitter.EmitRegistration(model, parts.Aggregates, parts.Deciders));
        output.AddSource(
            fileName("Commands"), new HandlerEmitter(model, isQuery: false).Emit([.. handlers[false]], marks.Messages));
        output.AddSource(fileName("Queries"), new HandlerEmitter(model, isQuery: true).Emit([.. handlers[true]], []));
        output.AddSource(fileName("Projections"), ProjectionEmitter.EmitRegistration(model, parts, marks.ReadModels));
        if (parts.Processes.Count > 0)
            output.AddSource(fileName("Processes"), ProcessEmitter.Emit(model, parts.Processes));
        output.AddSource(fileName("JsonTypes"), ModelEmitter.EmitJsonTypes(model, parts.Shapes, parts.Roots));
    }
}
