using Microsoft.CodeAnalysis.Text;
using Millrace.Generators.Roslyn;

namespace Millrace.Generators.Deciders;

/// <summary>Writes the <c>Decider</c> of a class marked <c>[Decider]</c>.</summary>
internal static class DeciderEmitter
{
    public static SourceText Emit(DeciderModel decider)
    {
        var code = new CodeWriter();
        var creation = $"new({decider.Category.Literal()}, static () => {decider.Initial}, Evolve)";
        code.OpenType(decider.Type)
            .Line("/// <summary>Gets the definition of the decider.</summary>")
            .Line($"public static global::Millrace.Decider<{decider.State}> Decider {{ get; }} = {creation}")
            .Line("{")
            .Inner($"Name = {decider.Type.Name.Literal()},")
            .Inner("WriteState = WriteState,")
            .Line("};")
            .Line()
            .Line($"private static {decider.State} Evolve({decider.State} state, object @event) => @event switch")
            .Line("{");
        foreach (var type in decider.Events)
            code.Inner($"{type} data => Evolve(state, data),");
        return code.Inner("_ => state,").Line("};").CloseType(decider.Type).ToSource();
    }
}
