using Millrace.Shared.Naming;

namespace Millrace.Cli.Design.Project;

/// <summary>Writes the program: the store, and a route for each command and query.</summary>
internal static class ProgramCode
{
    public static string Of(DesignProposal proposal)
    {
        var name = proposal.File.Application;
        var store = CSharpWriter.Literal(name.ToLowerInvariant() + ".db");
        var code = new CSharpWriter()
            .Line($"using {name};")
            .EmptyLine()
            .Line("var builder = WebApplication.CreateBuilder(args);")
            .Line("builder.Services.AddSingleton(TimeProvider.System);")
            .Line("builder.Services.AddMillraceProblemDetails();")
            .Line($"builder.Services.AddMillrace(millrace => millrace.UseSqlite({store}).AddModel<{name}Model>());")
            .EmptyLine()
            .Line("var app = builder.Build();")
            .Line("app.UseMillraceProblemDetails();")
            .Line("app.MapMillrace();");
        foreach (var aggregate in proposal.Aggregates)
        {
            code.EmptyLine();
            foreach (var step in aggregate.Steps)
                Map(code, aggregate, step);
        }
        code.EmptyLine();
        foreach (var query in proposal.ReadModels.SelectMany(model => model.Queries.Select(query => (model, query))))
            Map(code, proposal, query.model, query.query);
        return code.EmptyLine().Line("app.Run();").ToString();
    }

    private static void Map(CSharpWriter code, AggregateProposal aggregate, Step step)
    {
        var route = $"/api/{NameInflector.Plural(NameInflector.Kebab(aggregate.Of.Name))}";
        if (step.Kind != StepKind.Begin)
        {
            code.Line(
                $"app.MapCommand<{step.Command}>(\"{route}/{{{NameInflector.Camel(aggregate.Of.Name)}}}/"
                    + $"{NameInflector.Kebab(step.Method)}\");"
            );
            return;
        }
        code.Line($"app.MapCommand<{step.Command}>(\"{route}\", options =>")
            .Line("{")
            .Line(
                $"    options.Complete = (command, _) => command with {{ {aggregate.Of.Name} = {aggregate.Id}.New() }};"
            )
            .Line($"    options.Location = (command, _) => $\"{route}/{{command.{aggregate.Of.Name}}}\";")
            .Line("});");
    }

    private static void Map(CSharpWriter code, DesignProposal proposal, ReadModelProposal model, DesignQuery query)
    {
        var route = query.Kind switch
        {
            QueryKind.One => $"/api/{model.Stored}/{{{NameInflector.Camel(model.Entity.Of.Name)}}}",
            QueryKind.List => $"/api/{NameInflector.Kebab(query.Name)}",
            _ => $"/api/{model.Stored}/{{{(model.Key == "day" ? "day" : model.Key)}}}",
        };
        // A single word could be the name of a library member.
        var type =
            query.Kind is QueryKind.Count or QueryKind.Sum ? "Get" + query.Name
            : EventWords.OfType(query.Name).Count == 1
                ? $"{proposal.File.Application}.{model.Entity.Of.Context}.{query.Name}"
            : query.Name;
        code.Line($"app.MapQuery<{type}>(\"{route}\");");
    }
}
