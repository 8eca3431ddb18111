namespace Millrace.Testing;

/// <summary>An instance of a process that histories are tried on, and the rules that hold of it.</summary>
/// <param name="process">The process.</param>
/// <param name="id">The instance.</param>
/// <param name="model">The model of its events and commands; null where none is known.</param>
internal sealed class ProcessSubject(ProcessDefinition process, string id, SpecificationModel? model)
{
    public ProcessDefinition Process => process;

    public string Id => id;

    public SpecificationModel? Model { get; set; } = model;

    public List<(string Name, Func<ProcessHistory, bool> Holds)> Always { get; } = [];

    public List<(string Name, Func<ProcessHistory, bool> Holds)> InTheEnd { get; } = [];

    /// <exception cref="SpecificationException">There is none.</exception>
    public SpecificationModel RequireModel() => Model ?? throw new SpecificationException(
        $"The process '{process.Name}' is in an assembly that has no [Model]: name one by WithModel<TModel>().");
}
