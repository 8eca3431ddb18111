using Millrace.Testing.Specifications;

namespace Millrace.Testing.HistoryGeneration;

/// <summary>A process instance under test, and its rules.</summary>
/// <param name="process">The process.</param>
/// <param name="id">The id of the instance.</param>
/// <param name="model">The model of its events and commands; null if unknown.</param>
internal sealed class ProcessSubject(ProcessDefinition process, string id, SpecificationModel? model)
{
    public ProcessDefinition Process => process;

    public string Id => id;

    public SpecificationModel? Model { get; set; } = model;

    public List<(string Name, Func<ProcessHistory, bool> Holds)> Always { get; } = [];

    public List<(string Name, Func<ProcessHistory, bool> Holds)> InTheEnd { get; } = [];

    /// <exception cref="SpecificationException">There is no model.</exception>
    public SpecificationModel RequireModel() => Model ?? throw new SpecificationException(
        $"The process '{process.Name}' is in an assembly that has no [Model]: name one by WithModel<TModel>().");
}
