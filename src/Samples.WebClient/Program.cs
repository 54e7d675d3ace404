await Samples.WebClient.WebClient.Build(args).RunAsync();
