namespace Millrace;

/// <summary>
/// Names the model in an assembly, so that tests find it without a search. Generated with the model; written by hand
/// for a handwritten model.
/// </summary>
[AttributeUsage(AttributeTargets.Assembly, AllowMultiple = true)]
public abstract class AssemblyModelAttribute : Attribute
{
    private protected AssemblyModelAttribute()
    {
    }

    /// <summary>Registers everything in the model.</summary>
    public abstract void Register(ModelBuilder model);
}

/// <summary>Names the model in an assembly.</summary>
/// <typeparam name="TModel">The model.</typeparam>
public sealed class AssemblyModelAttribute<TModel> : AssemblyModelAttribute
    where TModel : IModel
{
    /// <inheritdoc/>
    public override void Register(ModelBuilder model)
    {
        ArgumentNullException.ThrowIfNull(model);
        TModel.Register(model);
    }
}
