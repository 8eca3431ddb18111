namespace Millrace;

/// <summary>
/// Names the model of an assembly, so that tests can find the model without a search. The generator adds this attribute
/// for generated models. For a handwritten model, add the attribute yourself.
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

/// <summary>Names the model of an assembly.</summary>
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
