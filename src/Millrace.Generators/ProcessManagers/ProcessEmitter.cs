using Microsoft.CodeAnalysis.Text;
using Millrace.Generators.Roslyn;

namespace Millrace.Generators.ProcessManagers;

/// <summary>Writes the registration of all processes.</summary>
internal static class ProcessEmitter
{
    public static SourceText Emit(TypeDeclaration model, EquatableArray<ProcessModel> processes)
    {
        var code = new CodeWriter();
        code.OpenType(model).Open("private static void RegisterProcesses(global::Millrace.ModelBuilder model)");
        foreach (var process in processes)
        {
            code.Line($"model.Process(new global::Millrace.ProcessDefinition<{process.Id}>(")
                .Inner($"{process.Name.Literal()}, {process.Version.Literal()}, new {process.Type.FullName}()));");
        }
        return code.Close().CloseType(model).ToSource();
    }
}
