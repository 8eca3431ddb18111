using Microsoft.CodeAnalysis;

namespace Millrace.Generators;

/// <summary>Puts out the parts of a model, a file for each concern and for each converter.</summary>
internal static class ModelOutput
{
    public static void Emit(SourceProductionContext output, TypeDeclaration? model, ModelParts parts, string? contract)
    {
        if (model is null)
            return;
        // Of two handlers, which are refused, one is enough to compile.
        var handlers = parts.Handlers.GroupBy(handler => handler.Message, StringComparer.Ordinal)
            .OrderBy(group => group.Key, StringComparer.Ordinal).Select(group => group.First()).ToLookup(handler => handler.IsQuery);
        output.AddSource(model.FileName("Model"), ModelEmitter.EmitRegister(model, parts.Processes.Count > 0));
        output.AddSource(model.FileName("Events"), EventEmitter.Emit(model, parts, ContractCheck.Accepted(parts, contract).Write()));
        output.AddSource(model.FileName("Aggregates"), AggregateEmitter.EmitRegistration(model, parts.Aggregates, parts.Deciders));
        output.AddSource(model.FileName("Commands"), new HandlerEmitter(model, isQuery: false).Emit([.. handlers[false]]));
        output.AddSource(model.FileName("Queries"), new HandlerEmitter(model, isQuery: true).Emit([.. handlers[true]]));
        output.AddSource(model.FileName("Projections"), ProjectionEmitter.EmitRegistration(model, parts.Projections));
        if (parts.Processes.Count > 0)
            output.AddSource(model.FileName("Processes"), ProcessEmitter.Emit(model, parts.Processes));
        output.AddSource(model.FileName("JsonTypes"), ModelEmitter.EmitJsonTypes(model, parts.Shapes, parts.Roots));
    }

    public static void EmitAssembly(SourceProductionContext output, TypeDeclaration? model)
    {
        if (model is not null)
            output.AddSource(model.FileName("Assembly"), ModelEmitter.EmitAssembly(model));
    }

    public static void EmitConverter(SourceProductionContext output, TypeDeclaration? model, JsonShape shape)
    {
        if (model is null)
            return;
        var emitter = new JsonEmitter(model);
        output.AddSource(model.FileName("Json." + emitter.ConverterOf(shape.Type)), emitter.Emit(model, shape));
    }

    public static void EmitCbor(SourceProductionContext output, TypeDeclaration? model, JsonShape shape)
    {
        if (model is null)
            return;
        var emitter = new CborEmitter(model);
        output.AddSource(model.FileName("Cbor." + emitter.NameOf(shape.Type)), emitter.Emit(model, shape));
    }
}
