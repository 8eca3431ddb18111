using Commerce;

ShopOptions options;
try
{
    options = ShopOptions.Parse(args);
}
catch (ArgumentException wrong)
{
    Console.Error.WriteLine($"{wrong.Message} See --help.");
    return 2;
}

if (options.IsHelp)
{
    Console.WriteLine(ShopOptions.Usage);
    return 0;
}

return await new ShopProgram(options).Run();
